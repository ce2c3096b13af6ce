"""The board of a running event: everything that a wall or a phone shows of it, minute by minute."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aftercare.accounts.access import can
from aftercare.accounts.models import App, User
from aftercare.desk.access import tickets_for
from aftercare.desk.models import Status as TicketStatus
from aftercare.desk.models import Ticket
from aftercare.incidents.assurance.access import apps_of
from aftercare.incidents.assurance.measuring import KEYS, limits_of
from aftercare.incidents.models import Assurance, AssuranceState
from aftercare.oncall.queries import schedule_duty
from aftercare.telemetry.queries.minutes import MINUTE_S, minutes_of
from aftercare.telemetry.queries.reading import Totals, floored
from aftercare.telemetry.queries.verdicts import verdict_of
from aftercare.telemetry.schema.catalog import METRICS, Metric
from aftercare.telemetry.words import digits_of, metric_name, shown_value, unit_of
from aftercare.watch.models import Comparison

log = logging.getLogger(__name__)

MINUTES = 15
PEOPLE_SHOWN = 12
# Reports of a minute come until a little after it: one that still fills would look like a fall.
SETTLES = timedelta(seconds=10)


@dataclass(frozen=True)
class Minute:
    """One metric in one minute; `verdict` is a state's name, "unknown" without data or with too little."""

    at: datetime
    value: float | None
    verdict: str


@dataclass(frozen=True)
class Row:
    """One metric of one app over the last MINUTES, with the limit that holds for it now."""

    metric: Metric
    name: str
    unit: str
    digits: int | None
    limit: float | None
    minutes: list[Minute]

    @property
    def last(self) -> Minute:
        """The last whole minute."""
        return self.minutes[-1]


@dataclass(frozen=True)
class AppBoard:
    """One app: who is present by minute, None where nobody reported, and its metrics."""

    app: App
    present: list[float | None]
    rows: list[Row]


@dataclass(frozen=True)
class Measured:
    """What telemetry says; `is_known` is False where it did not answer, and then nothing else is."""

    is_known: bool
    present: float | None
    mbps: float | None
    apps: list[AppBoard]


def measured(user: User, assurance: Assurance, now: datetime) -> Measured:
    """The last minutes of the apps that exist for this person. Telemetry that does not answer is unknown, not zero."""
    apps = list(apps_of(user, assurance))
    end = floored(now - SETTLES, MINUTE_S)
    start = end - timedelta(minutes=MINUTES)
    limits = {app.pk: limits_of(assurance, app) for app in apps}
    ruled = {key for of_app in limits.values() for key in of_app if key in METRICS and not METRICS[key].distinct}
    keys = [*KEYS, *sorted(ruled - set(KEYS))]
    try:
        found = minutes_of(apps, ["concurrent", "bandwidth", *keys], start, end)
    except Exception:  # whatever telemetry raises, the rest of the board stands
        log.exception("the board of assurance %s could not be measured", assurance.ref)
        return Measured(False, None, None, [])
    steps = [start + timedelta(minutes=place) for place in range(MINUTES)]
    boards = [app_board(app, found[app.pk], keys, limits[app.pk], steps) for app in apps]
    last = [found[app.pk][steps[-1]] for app in apps if steps[-1] in found[app.pk]]
    return Measured(True, together("concurrent", last), together("bandwidth", last), boards)


def together(key: str, totals: Sequence[Totals]) -> float | None:
    """The sum over apps; None where none of them reported."""
    values = [METRICS[key].value(one, span_s=MINUTE_S) for one in totals]
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def app_board(
    app: App,
    found: dict[datetime, Totals],
    keys: Sequence[str],
    limits: dict[str, tuple[float, str]],
    steps: Sequence[datetime],
) -> AppBoard:
    """One app's rows: the metrics that it reports, and those that a rule of the event is about."""
    concurrent = METRICS["concurrent"]
    present = [concurrent.value(found[at], span_s=MINUTE_S) if at in found else None for at in steps]
    rows = [row_of(METRICS[key], found, limits.get(key), steps) for key in keys]
    seen = [row for row in rows if row.metric.key in limits or any(one.value is not None for one in row.minutes)]
    return AppBoard(app, present, seen)


def row_of(
    metric: Metric, found: dict[datetime, Totals], limit: tuple[float, str] | None, steps: Sequence[datetime]
) -> Row:
    """One metric minute by minute, in the unit that people read it in."""
    minutes = []
    for at in steps:
        totals = found.get(at)
        value = metric.value(totals, span_s=MINUTE_S) if totals else None
        verdict = judged(metric, value, metric.volume(totals) if totals else 0.0, limit)
        minutes.append(Minute(at, shown_value(metric, value), verdict))
    line = limit[0] if limit else metric.red
    return Row(metric, metric_name(metric), unit_of(metric), digits_of(metric), shown_value(metric, line), minutes)


def judged(metric: Metric, value: float | None, volume: float, limit: tuple[float, str] | None) -> str:
    """The verdict against the event's own limit, else the catalog's lines."""
    if limit is None:
        return verdict_of(metric, value, volume) or "neutral"
    if value is None or volume < metric.minimum_volume:
        return "unknown"
    is_beyond = value > limit[0] if limit[1] == Comparison.ABOVE else value < limit[0]
    return "breached" if is_beyond else "healthy"


def against(assurance: Assurance, value: float | None, name: str) -> dict[str, Any]:
    """A figure of now beside what was expected and what is usual; shares in percent, None where one is unknown."""
    expected = assurance.expected_concurrent if name == "concurrent" else assurance.expected_mbps
    usual = assurance.usual.get(name)
    share = 100 * value / expected if value is not None and expected else None
    times = expected / usual if expected and usual else None
    return {"value": value, "expected": expected, "usual": usual, "share": share, "times": times}


def tickets_of(user: User, assurance: Assurance) -> list[Ticket]:
    """Tickets of its customers that are not closed, the newest first, as far as this person may see them."""
    customers = assurance.customers.values("customer_id")
    found = tickets_for(user).filter(customer_id__in=customers).exclude(status=TicketStatus.CLOSED)
    found = found.filter(merged_into=None).exclude(pk__in=assurance.customers.exclude(ticket=None).values("ticket_id"))
    return list(found.order_by("-pk")[:PEOPLE_SHOWN])


def on_duty_for(user: User, assurance: Assurance, now: datetime) -> list[tuple[str, list[str]]]:
    """Who holds the event's schedules at this instant; before it runs, who is planned. The provider's business."""
    if not user.is_provider:
        return []
    duty = list(assurance.duty.select_related("schedule", "user").order_by("schedule__name", "pk"))
    if assurance.state != AssuranceState.RUNNING:
        planned: dict[str, list[str]] = {}
        for one in duty:
            planned.setdefault(one.schedule.name, []).append(one.user.name)
        return list(planned.items())
    schedules = list(dict.fromkeys(one.schedule for one in duty))
    return [(one.name, [user.name for user in schedule_duty(one, now).now.users]) for one in schedules]


def may_decide(user: User) -> bool:
    """Whether this person writes into the log."""
    return user.is_provider and can(user, "act_on_incidents")
