"""Telemetry's values on pages: `{% load telemetry %}`."""

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from aftercare.kernel.clock import from_epoch_ms
from aftercare.telemetry import words
from aftercare.telemetry.models import ScrapeTarget
from aftercare.telemetry.schema.catalog import Metric
from aftercare.telemetry.schema.monthly import MonthlyFigure
from aftercare.web.render import numbers, times

register = template.Library()


@register.filter
def metric_name(metric: Metric | MonthlyFigure) -> str:
    """The metric's name in the reader's language."""
    return words.metric_name(metric)


@register.simple_tag
def metric_amount(metric: Metric, value: float | None) -> SafeString:
    """A value of the metric with its unit; no data as such."""
    return numbers.amount(words.shown_value(metric, value), words.unit_of(metric), words.digits_of(metric))


@register.simple_tag
def metric_volume(metric: Metric, volume: float) -> SafeString:
    """How much was seen, in words: "1,204 attempts"; nothing for plain counts."""
    if words.is_its_own_volume(metric):
        return SafeString("")
    return numbers.amount(words.volume_of(metric, volume), words.volume_noun(metric), short=True)


@register.simple_tag
def metric_floor(metric: Metric) -> SafeString:
    """The least volume for a verdict, in words."""
    if not metric.minimum_volume:
        return SafeString("—")
    return numbers.amount(words.volume_of(metric, metric.minimum_volume), words.volume_noun(metric), 0)


@register.filter
def grouped(count: int) -> str:
    """A count inside a sentence: `1,200`."""
    return numbers.number(count, 0)


@register.filter
def dimension(name: str) -> str:
    """A dimension's name."""
    return str(words.FACTS.get(name, name))


@register.filter
def told(value: str) -> str | SafeString:
    """A dimension's value; the empty one is what nobody said."""
    return value or format_html('<span class="no-data">{}</span>', _("not told"))


@register.filter
def ms(value: float | None) -> str | SafeString:
    """Milliseconds in words: `726 ms`, `6.2 s`, `3 min 12 s`."""
    return numbers.unknown() if value is None else times.duration(value / 1000)


@register.filter
def instant(at_ms: int) -> datetime:
    """The instant of epoch milliseconds."""
    return from_epoch_ms(at_ms)


@register.filter
def translated(text: str) -> str:
    """A sentence of the catalog in the reader's language."""
    return _(text)


@register.filter
def trouble_of(target: ScrapeTarget) -> str:
    """Why a target fails, in the reader's language, with the detail that is the same in all."""
    sentence = _(target.trouble) if target.trouble else ""
    return f"{sentence} ({target.trouble_detail})" if sentence and target.trouble_detail else sentence


@register.filter
def without_query(address: str) -> str:
    """An address up to its question mark: what follows may be a secret."""
    return address.partition("?")[0] + ("?…" if "?" in address else "")
