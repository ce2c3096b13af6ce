"""What was measured around an alert: the only place where incidents ask the telemetry.

An alert's own figures are known at once and go into the ticket with it. The series and the worst sessions are
gathered by the engine right after, so that no slow or failing query can hold up a page.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aftercare.accounts.models import App
from aftercare.kernel.clock import epoch_ms
from aftercare.telemetry.queries import metric_series, worst_sessions
from aftercare.telemetry.queries.measurements import TooMuch, measured_series
from aftercare.telemetry.queries.series import Point
from aftercare.telemetry.queries.session_sql import FACTS
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.schema.measured import measurement_of
from aftercare.telemetry.schema.ucum import Shown, shown_in
from aftercare.watch.models import Alert
from aftercare.watch.types import apps_of
from aftercare.watch.words import name_of
from aftercare.web.languages import in_both

BEFORE = timedelta(minutes=30)
AFTER = timedelta(minutes=5)
SESSIONS = 10
MOST_APPS = 20
SESSION_FACTS = (
    "session",
    "stream",
    "region",
    "carrier",
    "network",
    "device",
    "sdk_version",
    "started_at",
    "stall_ms",
    "lost_ms",
)
JSON_SCALARS = (int, float, str, bool, type(None))

Evidence = dict[str, Any]


def definition_of(alert: Alert) -> dict[str, str]:
    """The metric's definition as it is today, kept with the evidence.

    A measurement has its name in both languages and its unit; a metric that the catalog has dropped its key alone.
    """
    metric = METRICS.get(alert.metric)
    if metric is None:
        name, name_zh = in_both(lambda: name_of(alert.metric))
        unit, noun = written_in(alert).unit, "points" if measurement_of(alert.metric) else ""
        return {"name": name, "name_zh": name_zh, "unit": unit, "formula": "", "source": "", "volume_name": noun}
    return {
        "name": metric.name,
        "name_zh": metric.name_zh,
        "unit": metric.unit,
        "formula": metric.formula,
        "source": metric.source,
        "volume_name": metric.volume_name,
    }


def written_in(alert: Alert) -> Shown:
    """How a measurement's values are written wherever this alert is told of: in the size that its threshold has."""
    return shown_in(alert.unit, max(abs(alert.threshold or 0), abs(alert.first_value or 0)))


def in_unit(alert: Alert, value: float | None) -> float | None:
    """A value of the alert in its definition's unit; a catalog metric's values are in it already."""
    return written_in(alert).value(value) if measurement_of(alert.metric) is not None else value


def pending_evidence(alert: Alert, now: datetime) -> Evidence:
    """What the alert's own row says; series and sessions still to come."""
    start, end = window_of(alert, now)
    return {
        "state": "pending",
        "metric": alert.metric,
        "app_ref": alert.app.ref if alert.app else "",
        "alert_ref": alert.ref,
        "severity": alert.severity,
        "comparison": alert.comparison,
        "opened_at": alert.opened_at.isoformat(),
        "window": {"from": start.isoformat(), "to": end.isoformat()},
        "value": in_unit(alert, alert.first_value),
        "worst_value": in_unit(alert, alert.worst_value),
        "volume": alert.volume,
        "threshold": in_unit(alert, alert.threshold),
        "filters": alert.filters,
        "definition": definition_of(alert),
        "series": [],
        "sessions": [],
    }


def first_evidence(alert: Alert, now: datetime) -> Evidence:
    """What is known when an alert opens: its figures, the rest to come, or the words of one from elsewhere, whole."""
    return pending_evidence(alert, now) if alert.is_measured else told_evidence(alert)


def told_evidence(alert: Alert) -> Evidence:
    """What an alert from elsewhere says: nothing of it was measured, so there is nothing to gather."""
    return {
        "state": "told",
        "alert_ref": alert.ref,
        "severity": alert.severity,
        "opened_at": alert.opened_at.isoformat(),
        "title": alert.title,
        "title_zh": alert.title_zh,
        "body": alert.body,
        "labels": alert.filters,
        "link": alert.link,
    }


def gather_evidence(alert: Alert, now: datetime) -> Evidence:
    """The full evidence: series over the window, worst sessions of those that the rule is about.

    A dimension that no session keeps (a pair of regions) cannot narrow the sessions. Raises what the telemetry raises.
    """
    start, end = window_of(alert, now)
    series = series_of(alert, start, end, now)
    return {
        **pending_evidence(alert, now),
        "state": "ready",
        "series": [[epoch_ms(at), in_unit(alert, value), volume] for at, value, volume in series],
        "sessions": sessions_of(alert, end),
    }


def series_of(alert: Alert, start: datetime, end: datetime, now: datetime) -> list[Point]:
    """What the alert is about over a window; nothing of a measurement that is too much to read."""
    measurement = measurement_of(alert.metric)
    if measurement is None:
        return metric_series(apps_of(alert), alert.metric, start, end, alert.filters, now=now)
    try:
        return measured_series(apps_of(alert), measurement, alert.filters, start, end)
    except TooMuch:
        return []


def window_of(alert: Alert, now: datetime) -> tuple[datetime, datetime]:
    """Half an hour before the alert until a little after its end, or until now."""
    end = min(now, alert.closed_at + AFTER) if alert.closed_at else now
    return alert.opened_at - BEFORE, max(end, alert.opened_at)


def sessions_of(alert: Alert, end: datetime) -> list[dict[str, Any]]:
    """The worst sessions that the rule is about, each with its app; of all apps the worst, one app asked at a time.

    A measurement is about no session.
    """
    if measurement_of(alert.metric) is not None:
        return []
    facts = {name: value for name, value in alert.filters.items() if name in FACTS}
    whose = App.objects.filter(customer=alert.customer_id)
    apps = [alert.app] if alert.app else list(whose[:MOST_APPS])
    found = [
        (session, app) for app in apps for session in worst_sessions(app, alert.opened_at - AFTER, end, SESSIONS, facts)
    ]
    found.sort(key=lambda pair: -(pair[0].get("lost_ms") or 0))
    return [told(app, session) for session, app in found[:SESSIONS]]


def told(app: App, session: Mapping[str, Any]) -> dict[str, Any]:
    """What a ticket keeps of a session. No user identifier: erasing a user must not have to search tickets."""
    kept = {name: session.get(name) for name in SESSION_FACTS}
    plain = {name: value if isinstance(value, JSON_SCALARS) else str(value) for name, value in kept.items()}
    return {"app": app.ref, **plain}
