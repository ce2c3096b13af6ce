"""Tags of what is held back: `{% load noise %}`."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.incidents.models import HeldBack, HeldFor, Incident
from aftercare.incidents.noise.queries import alert_to_silence, children_of, count_held, until_of
from aftercare.incidents.noise.words import outcome_words, why_words
from aftercare.incidents.words import alert_sentence
from aftercare.kernel.clock import utc_now
from aftercare.watch.models import Alert
from aftercare.web.render import states

register = template.Library()


@register.simple_tag
def held_line(user: User) -> str:
    """`3 alerts held back: 2 by silences, 1 by maintenance`; "" where none is, and for customers' people."""
    counted = count_held(utc_now()) if user.is_provider else {}
    if not counted:
        return ""
    total = sum(counted.values())
    parts = _(", ").join(reason_count(reason, n) for reason, n in counted.items())
    told = ngettext("%(n)s alert held back: %(parts)s", "%(n)s alerts held back: %(parts)s", total)
    return told % {"n": total, "parts": parts}


def reason_count(reason: str, n: int) -> str:
    """How many are held back for one reason."""
    words = {
        HeldFor.SILENCE: _("%(n)s by silences"),
        HeldFor.INHIBITED: _("%(n)s behind another alert"),
        HeldFor.MAINTENANCE: _("%(n)s by maintenance"),
        HeldFor.FLAPPING: _("%(n)s flapping"),
    }
    return words[HeldFor(reason)] % {"n": n}


@register.filter
def alert_line(alert: Alert) -> str:
    """What the alert says."""
    return alert_sentence(alert)


@register.filter
def held_because(row: HeldBack) -> str:
    """Why nobody was called for it."""
    return why_words(row)


@register.filter
def held_until(row: HeldBack) -> datetime | None:
    """When it is let go at the latest, where a time says so."""
    return until_of(row)


@register.simple_tag
def held_state(row: HeldBack) -> SafeString:
    """Whether it waits or what became of it, as a badge."""
    return states.state("resolved" if row.outcome else "maintenance", outcome_words(row))


@register.inclusion_tag("incidents/noise/_of_incident.html")
def noise_of(incident: Incident, user: User) -> dict[str, Any]:
    """The alerts that wait behind the incident's, and the way to silence others like them; for our people."""
    if not user.is_provider:
        return {}
    children, more = children_of(incident)
    may_act = can(user, "act_on_incidents")
    to_silence = incident.ref if may_act and alert_to_silence(incident) is not None else ""
    return {"children": children, "more": more, "to_silence": to_silence, "user": user}
