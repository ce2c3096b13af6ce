"""Figure `coverage`: what is wrong with 200 schedules over the next 90 days, as `aftercare.oncall.roster` proves it."""

import time
from datetime import UTC, date, datetime, timedelta

from aftercare.oncall.roster.document import read_document
from aftercare.oncall.roster.proof import prove
from aftercare.oncall.roster.schedules import stretches
from bench.figures import Figure, spread

SCHEDULES, DAYS, RUNS = 200, 90, 5
START = datetime(2026, 11, 30, tzinfo=UTC)
ONE = """
  - name: Team {n}
    timezone: {zone}
    holidays: {country}
    layers:
      - {{name: weeks, turns: [a{n}@x, [b{n}@x, c{n}@x], d{n}@x], starts: 2026-06-01 10:00}}
      - name: nights of workdays
        turns: [e{n}@x, f{n}@x, a{n}@x]
        every: day
        starts: 2026-06-01 20:00
        hours: [{{days: workdays, from: 20:00, to: 08:00}}]
      - name: evenings of days off
        turns: [g{n}@x, h{n}@x]
        every: 12 hours
        starts: 2026-06-01 09:00
        hours: [{{days: days-off, from: 18:00, to: 23:30}}]
    changes:
      - {{from: 2026-12-20, to: 2026-12-27, replace: {{a{n}@x: d{n}@x}}}}
      - {{from: 2027-01-01, to: 2027-01-02, add: h{n}@x}}
      - {{from: 2027-02-01 10:00, to: 2027-02-01 14:00, remove: [a{n}@x, b{n}@x, c{n}@x, d{n}@x]}}
"""
ZONES = (("Asia/Shanghai", "CN"), ("America/New_York", "US"), ("Europe/London", "GB"))


def measure() -> Figure:
    """Seconds of one proof, the middle of several."""
    text = "version: 1\nlimits: {longest: 8 days, most-in-week: 120 hours}\nschedules:"
    for n in range(SCHEDULES):
        zone, country = ZONES[n % len(ZONES)]
        text += ONE.format(n=n, zone=zone, country=country)
    begun = time.perf_counter()
    document = read_document(text, around=date(2026, 11, 30))
    read_s = time.perf_counter() - begun
    took, found = [], 0
    for _run in range(RUNS):
        begun = time.perf_counter()
        told = {one.name: stretches(one, START, START + timedelta(days=DAYS)) for one in document.schedules}
        found = len(prove(told, document.limits))
        took.append(time.perf_counter() - begun)
    detail = (
        f"{spread(took, 2)} s; {SCHEDULES} schedules of three layers and three changes over {DAYS} days in three "
        f"zones, {found} findings; reading them from YAML before took {read_s:.2f} s. Schedules alone: policies, key "
        "customers' schedules and contact methods are proven by the page, in about a second more"
    )
    return Figure("coverage", round(sorted(took)[RUNS // 2], 2), "s", 10, 2, "lower", detail)
