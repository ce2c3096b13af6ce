"""Probe targets on pages: `{% load probes %}`."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from aftercare.kernel.clock import utc_now
from aftercare.watch.models import ProbeTarget
from aftercare.watch.probes import words
from aftercare.watch.probes.forms import ProbeForm, initial_from
from aftercare.watch.probes.queries import Look, Row, Waterfall
from aftercare.watch.probes.types import facts_of
from aftercare.web.render import clocks, numbers, states

register = template.Library()
register.filter("time_name", words.time_name)


@register.simple_tag
def target_state(row: Row) -> SafeString:
    """The badge of a target as a whole: its worst place."""
    return states.state(row.tone, str(words.STATES[row.tone]))


@register.simple_tag
def look_state(row: Row, look: Look) -> SafeString:
    """The badge of one place; a failing one with how long it has failed."""
    if row.target.paused_at is not None:
        return target_state(row)
    badge = states.state(look.tone, str(words.STATES[look.tone]))
    if look.tone == "breached" and look.seen.failing_since is not None:
        return format_html("{} {}", badge, clocks.stopwatch(look.seen.failing_since, utc_now()))
    return badge


@register.simple_tag
def share(look: Look) -> SafeString:
    """How many of a day's looks were good, with their number."""
    value = look.seen.good_runs * 100 / look.seen.runs
    noun = _("look") if look.seen.runs == 1 else _("looks")
    return numbers.rate(value, look.seen.runs, unit="%", digits=1, noun=noun, floor=None)


@register.filter
def measures(seen: Waterfall | None) -> list[tuple[Any, SafeString]]:
    """What was measured beside the times, in words and units."""
    further = seen.further if seen else {}
    return [
        (label, numbers.amount(further[name], unit, digits, False))
        for name, (label, unit, digits) in words.MEASURES.items()
        if isinstance(further.get(name), int | float)
    ]


@register.filter
def expectations(target: ProbeTarget) -> list[tuple[Any, Any]]:
    """What is expected of a target, by the names its form uses; a token is for its form alone."""
    shown = initial_from(facts_of(target))
    fields = ProbeForm.base_fields
    return [
        (fields[name].label, answer(shown[name])) for name in target.expectations if name in fields and name != "token"
    ]


def answer(value: Any) -> Any:
    """A yes in words; anything else as it is."""
    return _("yes") if value is True else value
