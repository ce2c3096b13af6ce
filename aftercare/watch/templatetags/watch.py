"""Monitors and alerts on pages: `{% load watch %}`."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from aftercare.telemetry import words as telemetry_words
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.schema.measured import measurement_of
from aftercare.watch import words
from aftercare.watch.models import Alert, Monitor
from aftercare.watch.queries import Now
from aftercare.watch.words import usual_words
from aftercare.web.render import numbers, states

register = template.Library()
register.filter("question", words.question)
register.filter("scope", words.scope)
register.filter("where", words.where)
register.filter("causes_of", words.causes_of)
register.filter("limit", words.limit)
register.filter("usual_words", usual_words)
register.filter("floor_words", words.floor)
register.filter("windows", words.windows)
register.filter("grade_word", words.grade_word)
register.filter("end_word", words.end_word)


@register.simple_tag
def monitor_state(monitor: Monitor) -> SafeString:
    """The state's badge."""
    return status_badge(monitor.state.status, monitor)


@register.simple_tag
def status_badge(status: str, monitor: Monitor, quiet: bool = False) -> SafeString:
    """The badge of a status this monitor is or was in."""
    tone = words.status_tone(status, monitor.severity, is_on=monitor.enabled)
    return states.state(tone, words.status_word(status, is_on=monitor.enabled), quiet=quiet)


@register.simple_tag
def past_status(status: str, monitor: Monitor) -> SafeString:
    """A status of the history, whatever the monitor is set to today."""
    tone = words.status_tone(status, monitor.severity, is_on=True)
    return states.state(tone, words.status_word(status, is_on=True), quiet=True)


@register.simple_tag
def measured(asked: Monitor | Alert, value: float | None, volume: float | None = None) -> SafeString:
    """A value of the metric with its volume under it; no data as such."""
    metric = METRICS.get(asked.metric)
    if metric is None:
        return measurement_amount(asked, value, volume)
    shown, unit = telemetry_words.shown_value(metric, value), telemetry_words.unit_of(metric)
    if volume is None or telemetry_words.is_its_own_volume(metric):
        return numbers.amount(shown, unit, telemetry_words.digits_of(metric))
    return numbers.rate(
        shown,
        telemetry_words.volume_of(metric, volume),
        unit=unit,
        digits=telemetry_words.digits_of(metric),
        noun=telemetry_words.volume_noun(metric),
        floor=floor_of(asked),
    )


def measurement_amount(asked: Monitor | Alert, value: float | None, volume: float | None) -> SafeString:
    """A reading of a measurement with the points it rests on; unknown for a metric that the catalog dropped."""
    if measurement_of(asked.metric) is None or value is None:
        return numbers.unknown()
    written = telemetry_words.measured_in(asked.unit, abs(value))
    if volume is None:
        return numbers.amount(written.value(value), written.unit, written.digits)
    floor = words.own_floor_of(asked) if isinstance(asked, Monitor) else None
    return numbers.rate(
        written.value(value), volume, unit=written.unit, digits=written.digits, noun=_("points"), floor=floor
    )


def floor_of(asked: Monitor | Alert) -> float | None:
    """The least volume for a verdict, in the unit that people read; None for an alert, which had its verdict."""
    metric = METRICS.get(asked.metric)
    if metric is None or isinstance(asked, Alert):
        return None
    least = metric.minimum_volume if asked.min_volume is None else asked.min_volume
    return telemetry_words.volume_of(metric, least)


@register.simple_tag
def measured_now(monitor: Monitor, readings: dict[int, Now]) -> SafeString:
    """What the monitor's window says at this moment; unknown where it was not asked."""
    now = readings.get(monitor.pk)
    if now is None or not monitor.enabled:
        return numbers.unknown()
    return measured(monitor, now.reading.value, now.reading.volume)
