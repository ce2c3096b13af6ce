"""Monitors and alerts in sentences, in the reader's language."""

from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from aftercare.telemetry import words
from aftercare.telemetry.schema.catalog import METRICS, Metric
from aftercare.telemetry.schema.measured import measurement_of
from aftercare.watch.located_words import causes_of, place_of
from aftercare.watch.models import Alert, CloseReason, Comparison, Kind, Monitor, Severity, Status
from aftercare.watch.usual.words import usual_words
from aftercare.web.render.numbers import number, with_unit

__all__ = [
    "causes_of",
    "end_word",
    "floor",
    "floor_words",
    "grade_word",
    "limit",
    "name_of",
    "own_floor_of",
    "place_of",
    "question",
    "scope",
    "status_tone",
    "status_word",
    "usual_words",
    "where",
    "window",
    "windows",
]


class Asked(Protocol):
    """What a monitor and an alert have in common."""

    metric: str
    unit: str
    comparison: str
    kind: str
    threshold: float | None
    window_s: int
    filters: dict[str, str]


def name_of(key: str) -> str:
    """The metric's name, or the measurement's with how it is read; the key where the catalog dropped it."""
    metric, measurement = METRICS.get(key), measurement_of(key)
    if measurement is not None:
        values = {"name": measurement.name, "reading": words.read_as(measurement.reading)}
        return _("%(name)s (%(reading)s)") % values
    return words.metric_name(metric) if metric else key


def limit(asked: Asked) -> str:
    """The threshold with its unit: `5%`, `800 ms`; "" where there is none."""
    metric = METRICS.get(asked.metric)
    if asked.threshold is None:
        return ""
    if metric is None:
        written = words.measured_in(asked.unit, abs(asked.threshold))
        return with_unit(f"{asked.threshold / written.size:,.6g}", written.unit)
    shown = words.shown_value(metric, asked.threshold)
    return with_unit(number(shown) if shown is not None else "", words.unit_of(metric))


def question(asked: Asked) -> str:
    """What is watched: `Join success rate below 95%`, `Join success rate unusually low`."""
    if asked.kind != Kind.THRESHOLD:
        return by_kind(asked)
    sentence = (
        _("%(metric)s above %(limit)s") if asked.comparison == Comparison.ABOVE else _("%(metric)s below %(limit)s")
    )
    return sentence % {"metric": name_of(asked.metric), "limit": limit(asked)}


def by_kind(asked: Asked) -> str:
    """What is watched by a rule that is not about a plain limit."""
    is_above = asked.comparison == Comparison.ABOVE
    sentences = {
        Kind.ANOMALY: _("%(metric)s unusually high") if is_above else _("%(metric)s unusually low"),
        Kind.BURN_RATE: _("%(metric)s uses up its objective of %(limit)s too fast"),
        Kind.ABSENCE: _("%(metric)s: nothing is reported"),
    }
    values = {"metric": name_of(asked.metric), "limit": objective_of(asked)}
    return sentences[Kind(asked.kind)] % values


def objective_of(asked: Asked) -> str:
    """The objective of a burn rate; an alert's `threshold` is where its budget was used up too fast, not the objective.

    It is kept in `expected`.
    """
    told = getattr(asked, "expected", {}).get("objective", asked.threshold)
    return with_unit(number(told), "%") if asked.kind == Kind.BURN_RATE and told is not None else ""


def where(asked: Asked) -> str:
    """The filters: `Province = 广东, Carrier = CMCC`, labels by their own names; "" for all of the app."""
    is_catalogued = asked.metric and measurement_of(asked.metric) is None  # what others label has its own names
    names = words.DIMENSIONS if is_catalogued else {}
    return _(", ").join(f"{names.get(name, name)} = {value}" for name, value in sorted(asked.filters.items()))


def window(asked: Asked) -> str:
    """The window: `over 60 s`, `over 5 min`."""
    if asked.window_s % 60 or asked.window_s == 60:
        return _("over %(n)s s") % {"n": asked.window_s}
    return _("over %(n)s min") % {"n": asked.window_s // 60}


def scope(asked: Asked) -> str:
    """Window and filters in one line under the question; the windows of a burn rate are many, and its alert's own."""
    narrowed = where(asked)
    if asked.kind == Kind.BURN_RATE and not hasattr(asked, "expected"):
        return narrowed
    return f"{window(asked)} · {narrowed}" if narrowed else window(asked)


def floor(monitor: Monitor) -> str:
    """The volume floor in words: `25 attempts`, `10 min watched`; "" for a metric that is its own volume."""
    metric = METRICS.get(monitor.metric)
    if measurement_of(monitor.metric) is not None:
        least = own_floor_of(monitor)
        return ngettext("%(n)s point", "%(n)s points", int(least)) % {"n": number(least)}
    if metric is None or (monitor.min_volume is None and not metric.minimum_volume):
        return ""
    least = metric.minimum_volume if monitor.min_volume is None else monitor.min_volume
    return floor_words(metric, least)


def own_floor_of(monitor: Monitor) -> float:
    """The least number of points for a verdict about a measurement."""
    return 1 if monitor.min_volume is None else monitor.min_volume


def floor_words(metric: Metric, least: float) -> str:
    """An amount of volume in the unit that people read."""
    return with_unit(number(words.volume_of(metric, least)), words.volume_noun(metric))


def windows(count: int) -> str:
    """Windows in a row: `1 window`, `6 windows in a row`."""
    return _("1 window") if count == 1 else _("%(n)d windows in a row") % {"n": count}


def end_word(alert: Alert) -> str:
    """Why an alert is over; one from elsewhere has no limit to be back within."""
    if not alert.is_measured and alert.close_reason == CloseReason.RECOVERED:
        return _("over, its source says")
    if not alert.is_measured and alert.close_reason == CloseReason.UNSEEN:
        return _("closed, nothing more was told")
    return str(CloseReason(alert.close_reason).label)


def grade_word(grade: str) -> str:
    """How loud a level of a source is, in words."""
    return str(Severity(grade).label) if grade in Severity.values else _("wakes nobody")


def status_tone(status: str, severity: str, *, is_on: bool) -> str:
    """The design system's state for a monitor's status: what is not known is never shown as healthy."""
    if not is_on:
        return "neutral"
    firing = "breached" if severity == "red" else "warning"
    return {Status.OK: "healthy", Status.FIRING: firing, Status.FIRING_BLIND: firing}.get(Status(status), "unknown")


def status_word(status: str, *, is_on: bool) -> str:
    """The status in words."""
    return str(Status(status).label) if is_on else pgettext("monitor", "switched off")
