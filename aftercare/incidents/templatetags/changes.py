"""Tags of changes: `{% load changes %}`."""

from zoneinfo import ZoneInfo

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftercare.incidents.changes.words import span_words, suspect_words, window_words
from aftercare.incidents.models import Answer, Change, ChangeCustomer, ChangeState, Freeze, Suspect
from aftercare.web.render import states

register = template.Library()

TONES = {
    ChangeState.DRAFT: "neutral",
    ChangeState.ANNOUNCED: "neutral",
    ChangeState.POSTPONED: "warning",
    ChangeState.RUNNING: "maintenance",
    ChangeState.DONE: "resolved",
    ChangeState.ROLLED_BACK: "warning",
    ChangeState.CANCELLED: "neutral",
}


@register.simple_tag
def change_state(change: Change) -> SafeString:
    """Where the change stands, as a badge."""
    state = ChangeState(change.state)
    return states.state(TONES[state], str(state.label))


@register.simple_tag
def risk_word(change: Change) -> str:
    """`low`, `medium`, `high`, without their definitions."""
    words = {"low": pgettext("risk", "low"), "medium": pgettext("risk", "medium"), "high": pgettext("risk", "high")}
    return words[change.risk]


@register.simple_tag
def answer_state(touched: ChangeCustomer) -> SafeString:
    """What the customer says to the present window, as a badge."""
    if touched.present_answer == Answer.CONFIRM:
        return states.state("healthy", str(Answer.CONFIRM.label))
    if touched.present_answer == Answer.POSTPONE:
        label = _("asked to postpone, declined") if touched.declined else str(Answer.POSTPONE.label)
        return states.state("warning", label)
    return states.state("unknown", _("no answer yet"))


@register.simple_tag
def change_window(change: Change) -> str:
    """The window on the change's wall clock."""
    return window_words(change)


@register.simple_tag
def own_window(touched: ChangeCustomer) -> str:
    """The window on the change's wall clock and on the customer's."""
    return window_words(touched.change, touched.customer)


@register.simple_tag
def wished_window(touched: ChangeCustomer) -> str:
    """The window that the customer wishes; "" where they named none."""
    if touched.wished_from is None or touched.wished_until is None:
        return ""
    return span_words(touched.wished_from, touched.wished_until, touched.change.zone)


@register.simple_tag
def freeze_window(freeze: Freeze) -> str:
    """When nothing is changed."""
    return span_words(freeze.starts_at, freeze.ends_at, ZoneInfo(freeze.timezone))


@register.simple_tag
def suspected(suspect: Suspect) -> str:
    """The suspect in one sentence."""
    return suspect_words(suspect)
