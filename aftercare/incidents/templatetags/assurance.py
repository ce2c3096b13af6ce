"""Tags of event assurances: `{% load assurance %}`."""

from django import template
from django.utils.safestring import SafeString

from aftercare.accounts.models import User
from aftercare.incidents.assurance.queries import running_beside
from aftercare.incidents.assurance.queries import time_left as left
from aftercare.incidents.models import Assurance, AssuranceRule, AssuranceState, Incident
from aftercare.incidents.words import alert_sentence
from aftercare.kernel.clock import utc_now
from aftercare.watch.models import Alert, Monitor
from aftercare.watch.words import question, windows
from aftercare.web.render import states

register = template.Library()

TONES = {
    AssuranceState.PLANNED: "neutral",
    AssuranceState.READY: "healthy",
    AssuranceState.RUNNING: "warning",
    AssuranceState.CLOSED: "resolved",
    AssuranceState.CANCELLED: "neutral",
}


@register.simple_tag
def assurance_state(assurance: Assurance) -> SafeString:
    """The state as a badge."""
    state = AssuranceState(assurance.state)
    return states.state(TONES[state], str(state.label))


@register.simple_tag
def running_assurances(incident: Incident, user: User) -> list[Assurance]:
    """The events that run now and that this incident touches, as far as this person may see both."""
    return list(running_beside(user, incident))


@register.filter
def time_left(assurance: Assurance) -> str:
    """How long until it begins, or ends while it runs."""
    return left(assurance, utc_now())


@register.filter
def tighter(rule: AssuranceRule) -> str:
    """What the rule watches: `Join success rate below 98.6%`."""
    return question(Monitor(**rule.facts))


@register.filter
def usually(rule: AssuranceRule) -> str:
    """What the usual rule beside it watches."""
    return question(Monitor(**{**rule.facts, "threshold": rule.usual_threshold}))


@register.filter
def told_by(alert: Alert) -> str:
    """What the alert says."""
    return alert_sentence(alert)


@register.filter
def in_a_row(rule: AssuranceRule) -> str:
    """`60 s · 1 window`."""
    return f"{rule.facts['window_s']} s · {windows(rule.facts['fire_after'])}"
