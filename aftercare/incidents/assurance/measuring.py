"""What was measured: the usual peak before the event, and what the event was after it."""

from datetime import datetime, timedelta
from typing import Any

from aftercare.accounts.models import App
from aftercare.incidents.models import Assurance
from aftercare.telemetry.queries.headline import Headline, headline
from aftercare.telemetry.queries.minutes import Peak, peak_of
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.watch.models import Comparison

USUAL_DAYS = 30
# What is told of every app, as far as it reports them: the catalog's rates of joining, starting, watching, talking.
KEYS = ("join_success", "start_success", "rebuffering_ratio", "video_freeze_600", "audio_freeze_200", "call_connect")


def usual_of(assurance: Assurance, now: datetime) -> dict[str, Any]:
    """The highest minute of all its apps together in the last 30 days, as JSON keeps it."""
    apps = list(assurance.apps.order_by("pk"))
    return {**told_peak(peak_of(apps, now - timedelta(days=USUAL_DAYS), now, now=now)), "measured_at": now.isoformat()}


def summary_of(assurance: Assurance, now: datetime) -> dict[str, Any]:
    """The event in figures: its highest minute, all apps together and each, and every app's metrics over all of it."""
    start, end = assurance.started_at or assurance.starts_at, assurance.ended_at or assurance.ends_at
    apps = list(assurance.apps.select_related("customer").order_by("customer__name", "name", "pk"))
    return {
        "measured_at": now.isoformat(),
        "peak": told_peak(peak_of(apps, start, end, now=now)),
        "apps": [app_summary(assurance, app, start, end, now) for app in apps],
    }


def app_summary(assurance: Assurance, app: App, start: datetime, end: datetime, now: datetime) -> dict[str, Any]:
    """One app's part."""
    limits = limits_of(assurance, app)
    keys = [*KEYS, *(key for key in limits if key in METRICS and key not in KEYS)]
    figures = headline(app, keys, start, end, now=now)
    told = [figure for figure in figures if figure.value is not None or figure.metric.key in limits]
    return {
        "ref": app.ref,
        "customer": app.customer_id,
        "name": app.name,
        "name_zh": app.name_zh,
        "peak": told_peak(peak_of([app], start, end, now=now)),
        "metrics": [told_metric(figure, limits.get(figure.metric.key)) for figure in told],
    }


def told_metric(figure: Headline, limit: tuple[float, str] | None) -> dict[str, Any]:
    """A metric with its volume, and its verdict against the event's own limit, else the catalog's."""
    line = limit[0] if limit else figure.metric.red
    return {
        "key": figure.metric.key,
        "value": figure.value,
        "volume": figure.volume,
        "limit": line,
        "verdict": verdict_against(figure, limit),
    }


def verdict_against(figure: Headline, limit: tuple[float, str] | None) -> str:
    """healthy, warning, breached or unknown, no verdict below the metric's minimum volume."""
    if limit is None or figure.value is None or figure.is_thin:
        return figure.verdict if limit is None else "unknown"
    threshold, comparison = limit
    is_beyond = figure.value > threshold if comparison == Comparison.ABOVE else figure.value < threshold
    return "breached" if is_beyond else "healthy"


def limits_of(assurance: Assurance, app: App) -> dict[str, tuple[float, str]]:
    """The event's own limits of one app by metric: of several the loosest, which is where red begins."""
    limits: dict[str, tuple[float, str]] = {}
    for rule in assurance.rules.all():
        if rule.app_id != app.pk or rule.facts["filters"]:
            continue
        key, threshold, comparison = rule.facts["metric"], rule.facts["threshold"], rule.facts["comparison"]
        known = limits.get(key)
        loosest = max if comparison == Comparison.ABOVE else min
        limits[key] = (loosest(threshold, known[0]) if known else threshold, comparison)
    return limits


def told_peak(peak: Peak) -> dict[str, Any]:
    """A peak as JSON keeps it; None where nothing was reported."""
    return {
        "concurrent": peak.concurrent,
        "concurrent_at": peak.concurrent_at.isoformat() if peak.concurrent_at else None,
        "mbps": peak.mbps,
        "mbps_at": peak.mbps_at.isoformat() if peak.mbps_at else None,
    }
