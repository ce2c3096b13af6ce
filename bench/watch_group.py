"""Group `watch`: what one evaluation of every monitor of every customer costs.

Runs in a process of its own on engines of its own, so that CPU-seconds are those of the evaluation: this process and
the PostgreSQL it started. By itself: `python -m bench.watch_group`.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.figures import Figure, quantile, spread
from bench.tree import cpu_s

CUSTOMERS = 1000
MONITORS = 10_000
HISTORY_S = 3600
EVALUATIONS = 24
CARRIERS = 5
PROVINCES = 24


def monitors() -> list[dict[str, Any]]:
    """The rows of this group, measured in a child process."""
    run = subprocess.run([sys.executable, "-m", "bench.watch_group"], stdout=subprocess.PIPE, check=True)
    rows: list[dict[str, Any]] = json.loads(run.stdout.splitlines()[-1])
    return rows


def measure() -> list[dict[str, Any]]:
    """Set up, evaluate, tear down; returns the rows."""
    folder = Path(tempfile.mkdtemp(prefix="aftercare-bench-"))
    os.environ |= {
        "AFTERCARE_DATA": str(folder),
        "AFTERCARE_SECRET_KEY": "bench-only",
        "DJANGO_SETTINGS_MODULE": "aftercare.settings",
        "AFTERCARE_LOG_LEVEL": "WARNING",
    }
    os.environ.pop("AFTERCARE_DATABASE_URL", None)
    os.environ.pop("AFTERCARE_CLICKHOUSE_URL", None)
    from aftercare.kernel.config import kept_secret
    from aftercare.serve.postgres import EmbeddedPostgres

    postgres = EmbeddedPostgres(
        folder=folder / "postgresql",
        password=kept_secret(folder / "postgresql.password"),
        log=folder / "postgresql.log",
    )
    postgres.start()
    try:
        postgres.ensure_database("aftercare")
        return evaluate_all(folder)
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def evaluate_all(folder: Path) -> list[dict[str, Any]]:
    """Fill both engines, then evaluate every five seconds of a made-up time."""
    import django

    django.setup()
    from django.core.management import call_command

    from aftercare.kernel.clock import utc_now
    from aftercare.telemetry.store import engine
    from aftercare.telemetry.store.client import address_of
    from aftercare.telemetry.store.migrations import migrate
    from aftercare.watch.engine import EVERY_S, Evaluator
    from aftercare.watch.models import Alert, MonitorState

    call_command("migrate", verbosity=0)
    now = utc_now().replace(second=0, microsecond=0)
    apps = make_monitors(now)
    pool = engine.open_engine(address_of(clickhouse_url=None, data_dir=folder))
    migrate(pool)
    rows = fill(pool, apps, now)
    evaluator = Evaluator(lambda: pool)
    costs = []
    for turn in range(EVALUATIONS):
        at = now + timedelta(seconds=turn * EVERY_S)
        before = cpu_s(os.getpid())
        evaluator.process_due(at)
        costs.append(cpu_s(os.getpid()) - before)
    states = Counter(MonitorState.objects.values_list("status", flat=True))
    engine.close_engine()
    first, rest = costs[0], costs[1:]
    told = ", ".join(f"{count:,} {status}" for status, count in sorted(states.items()))
    detail = (
        f"{spread(rest, 2)}; {MONITORS:,} monitors of {CUSTOMERS:,} customers by {len(evaluator._plan.groups)} queries "
        f"over {rows:,} rows of 10 s; {Alert.objects.count()} alerts opened meanwhile; at the end {told}; "
        f"the first one, which loads every rule and writes every state: {first:.2f}"
    )
    return [Figure("monitors", round(quantile(rest, 0.5), 3), "CPU-s", 2, 0.5, "lower", detail).as_row()]


def make_monitors(now: datetime) -> list[tuple[int, int]]:
    """Every customer with one app: eight of the default rules, one for a carrier, one over five minutes; in one app of
    a hundred the last has a filter that only raw rows can answer. Returns (customer, app) numbers.
    """
    from aftercare.accounts.models import App, Customer
    from aftercare.telemetry.schema.catalog import METRICS
    from aftercare.watch.actions import default_facts
    from aftercare.watch.actions.monitors import new_monitor, renew_plan
    from aftercare.watch.models import Monitor, MonitorState
    from aftercare.watch.types import MonitorFacts

    defaults = [facts for metric in METRICS.values() for facts in default_facts(metric)]
    customers = Customer.objects.bulk_create(Customer(name=f"Customer {n}", created_at=now) for n in range(CUSTOMERS))
    apps = App.objects.bulk_create(App(customer=c, name="App", created_at=now) for c in customers)
    made: list[Monitor] = []
    for n, app in enumerate(apps):
        chosen = [defaults[(n + k) % len(defaults)] for k in range(8)]
        carrier = MonitorFacts("rebuffering_ratio", "above", 5, filters={"carrier": f"c{n % CARRIERS}"})
        last = MonitorFacts("start_success", "below", 95, window_s=300)
        if n % 100 == 0:
            last = MonitorFacts("start_success", "below", 95, filters={"carrier": "c1", "device": "d1"})
        made += [new_monitor(app, facts, now) for facts in (*chosen, carrier, last)]
    assert len(made) == MONITORS
    Monitor.objects.bulk_create(made, batch_size=2000)
    MonitorState.objects.bulk_create((MonitorState(monitor=m, changed_at=now) for m in made), batch_size=2000)
    renew_plan()
    return [(app.customer_id, app.pk) for app in apps]


def fill(pool: Any, apps: list[tuple[int, int]], now: datetime) -> int:
    """An hour of 10 s rollup rows of every app, its totals, carriers and provinces; returns the number of rows."""
    first, last = int(now.timestamp()) - HISTORY_S, int(now.timestamp()) + EVALUATIONS * 5
    values = [("", "")] + [("carrier", f"c{n}") for n in range(CARRIERS)]
    values += [("province", f"p{n}") for n in range(PROVINCES)]
    numbers = "interval_ms, play_ms, stall_ms, watched_ms, video_ms, video_frozen_600_ms, audio_ms, audio_frozen_200_ms"
    events = "starts_judged, starts_ok, joins, joins_ok, joins_timed, joins_ok_5s"
    delays = "delay_ms_known_ms, delay_over_400_ms, reports"
    # One app in two hundred turns sick and well again every minute: what a bad hour of a thousand customers looks like.
    sick = "(pair.2 % 200 = 0 AND intDiv(number, 6) % 2 = 0)"
    for start in range(0, len(apps), 100):
        some = apps[start : start + 100]
        pairs = ", ".join(f"({customer}, {app})" for customer, app in some)
        cuts = ", ".join(f"('{cut}', '{value}')" for cut, value in values)
        pool.command(
            f"INSERT INTO r10s (customer, app, writer, keep_days, bucket, cut, value, {numbers}, {events}, {delays}) "
            "SELECT pair.1, pair.2, 1, 30, toDateTime(number * 10, 'UTC'), slice.1, slice.2, "
            f"200000, 190000, {noise(1)} % 3000 + {sick} * 20000, 195000, 195000, {noise(2)} % 3000, 195000, "
            f"{noise(3)} % 3000, 40, 40 - ({noise(4)} % 8 = 0), 40, 40 - ({noise(5)} % 8 = 0), 40, "
            f"40 - ({noise(6)} % 8 = 0), 190000, {noise(7)} % 9000, 40 "
            f"FROM numbers(intDiv({first}, 10), intDiv({last - first}, 10)) "
            f"ARRAY JOIN [{pairs}]::Array(Tuple(UInt32, UInt32)) AS pair "
            f"ARRAY JOIN [{cuts}]::Array(Tuple(String, String)) AS slice"
        )
    while pool.rows("SELECT count() FROM system.merges")[0][0]:
        time.sleep(1)
    return int(pool.rows("SELECT count() FROM r10s")[0][0])


def noise(place: int) -> str:
    """SQL: a number that looks random and is the same in every run."""
    return f"cityHash64(number, pair.2, slice.2, {place})"


if __name__ == "__main__":
    print(json.dumps(measure()))
