"""What pages and the rooms above ask of this room."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from aftercare.accounts.access import Visitor
from aftercare.accounts.models import App
from aftercare.telemetry import words as telemetry_words
from aftercare.telemetry.queries.measurements import find_name
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.schema.measured import Measurement, kinds_read_as
from aftercare.telemetry.store.engine import pool
from aftercare.watch.access import alerts_for, monitors_for
from aftercare.watch.engine.answers import ask_all
from aftercare.watch.engine.plan import COLUMNS, rule_of
from aftercare.watch.engine.questions import by_question
from aftercare.watch.engine.rules import Memory, Reading, Verdict
from aftercare.watch.models import FIRING_STATUSES, ORIGINS, Alert, Monitor, MonitorChange, Status
from aftercare.watch.types import AllApps

log = logging.getLogger(__name__)
UNIT_LOOK_BACK = timedelta(days=1)

# What a reader must see first: trouble, then what is being watched, then what nothing can be said of.
RANKS = (*FIRING_STATUSES, Status.OK, Status.LOW_VOLUME, Status.NO_DATA, Status.NEW)


@dataclass(frozen=True)
class MonitorFilter:
    """What a list of monitors is narrowed to; empty means all. `status` "off" means switched off."""

    app: str = ""
    status: str = ""
    severity: str = ""
    words: str = ""


@dataclass(frozen=True)
class AlertFilter:
    """What a list of alerts is narrowed to; empty means all. `state` is open or closed, `monitor` and `source` refs."""

    app: str = ""
    monitor: str = ""
    source: str = ""
    state: str = ""
    severity: str = ""
    words: str = ""


def open_alerts(app: App) -> QuerySet[Alert]:
    """The open alerts of an app, those of all apps of its customer too, oldest first."""
    alerts = Alert.objects.select_related("monitor", "source", "app", "customer").filter(closed_at__isnull=True)
    return alerts.filter(about_app(app.ref)).order_by("opened_at", "pk")


def about_app(ref: str) -> Q:
    """What is asked of this app alone, or of all apps of its customer."""
    return Q(app__ref=ref) | Q(app=None, customer__apps__ref=ref)


def alert(alert_id: int) -> Alert:
    """One alert with its app, customer and origin. Raises Alert.DoesNotExist."""
    return Alert.objects.select_related("app", "customer", *ORIGINS).get(pk=alert_id)


def list_monitors(user: Visitor, wanted: MonitorFilter) -> QuerySet[Monitor]:
    """The monitors a person may see: alerting ones first, those switched off last."""
    monitors = monitors_for(user)
    if wanted.app:
        monitors = monitors.filter(about_app(wanted.app))
    if wanted.status:
        is_off = wanted.status == "off"
        monitors = (
            monitors.filter(enabled=False) if is_off else monitors.filter(enabled=True, state__status=wanted.status)
        )
    if wanted.severity:
        monitors = monitors.filter(severity=wanted.severity)
    if wanted.words:
        monitors = monitors.filter(says(wanted.words))
    ranks = [When(enabled=False, then=Value(len(RANKS)))]
    ranks += [When(state__status=status, then=Value(rank)) for rank, status in enumerate(RANKS)]
    rank = Case(*ranks, default=Value(len(RANKS)), output_field=IntegerField())
    return monitors.annotate(rank=rank).order_by("rank", "customer__name", "app__name", "metric", "severity", "pk")


def count_by_status(user: Visitor, app_ref: str = "") -> dict[str, int]:
    """How many of a person's monitors, or of those of one app, are in which status, in the order of RANKS.

    "off" counts those switched off.
    """
    monitors = monitors_for(user).select_related(None)
    if app_ref:
        monitors = monitors.filter(about_app(app_ref))
    counts = dict(monitors.filter(enabled=True).order_by().values_list("state__status").annotate(n=Count("pk")))
    off = monitors.filter(enabled=False).count()
    return {**{status: counts.get(status, 0) for status in RANKS}, "off": off}


def list_alerts(user: Visitor, wanted: AlertFilter) -> QuerySet[Alert]:
    """The alerts a person may see, open ones first, then the newest."""
    alerts = alerts_for(user)
    if wanted.app:
        alerts = alerts.filter(about_app(wanted.app))
    if wanted.monitor:
        alerts = alerts.filter(monitor__ref=wanted.monitor)
    if wanted.source:
        alerts = alerts.filter(source__ref=wanted.source)
    if wanted.state:
        alerts = alerts.filter(closed_at__isnull=wanted.state == "open")
    if wanted.severity:
        alerts = alerts.filter(severity=wanted.severity)
    if wanted.words:
        told = Q(title__icontains=wanted.words) | Q(title_zh__icontains=wanted.words)
        alerts = alerts.filter(says(wanted.words) | told)
    is_closed = Case(When(closed_at__isnull=True, then=Value(0)), default=Value(1), output_field=IntegerField())
    return alerts.order_by(is_closed, "-opened_at", "-pk")


def says(words: str) -> Q:
    """Whether the customer's, the app's or the metric's name, in either language, holds these words."""
    found = Q()
    for place in ("customer__name", "customer__name_zh", "app__name", "app__name_zh"):
        found |= Q(**{f"{place}__icontains": words})
    low = words.lower()
    found |= Q(metric__contains="(", metric__icontains=words)
    return found | Q(metric__in=[m.key for m in METRICS.values() if low in f"{m.key} {m.name} {m.name_zh}".lower()])


def list_changes(monitor: Monitor) -> QuerySet[MonitorChange]:
    """The history of a monitor's status, newest first."""
    return monitor.changes.order_by("-at", "-pk")


def unit_told(app: App | AllApps, measurement: Measurement, now: datetime) -> str:
    """The unit (UCUM) of a measurement's readings as it was told in the last day, else as its name says."""
    kinds = kinds_read_as(measurement.reading)
    try:
        found = find_name(app, measurement.name, now - UNIT_LOOK_BACK, now)
    except Exception:
        log.exception("could not ask for the unit of %s", measurement.name)
        found = []
    told = next((one for one in found if one.kind in kinds), None)
    unit, kind = (told.unit, told.kind) if told else ("", kinds[0])
    return telemetry_words.unit_read(measurement.name, unit, measurement.reading, kind)


@dataclass(frozen=True)
class Now:
    """What a monitor's window says at this moment."""

    reading: Reading
    verdict: Verdict


def readings_now(monitor_ids: Collection[int], now: datetime) -> dict[int, Now]:
    """What each of these monitors measures now. One that could not be asked is left out: unknown, not zero."""
    rows = Monitor.objects.filter(pk__in=monitor_ids).values_list(*COLUMNS)
    memories = [Memory(rule) for rule in map(rule_of, rows) if rule is not None]
    found: dict[int, Now] = {}
    for question, group in by_question(memories).items():
        try:
            answers = ask_all(pool(), question, [memory.rule for memory in group], now)
        except Exception:
            log.exception("could not ask %s for a page", question)
            continue
        for memory in group:
            verdict, reading = answers.weigh(memory.rule)
            found[memory.rule.monitor_id] = Now(reading, verdict)
    return found
