"""Heartbeats on pages: `{% load heartbeats %}`."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from aftercare.kernel.clock import utc_now
from aftercare.watch.heartbeats import words
from aftercare.watch.heartbeats.queries import Row
from aftercare.watch.models import HeartbeatChange, HeartbeatPing, HeartbeatStatus, PingKind, Reason
from aftercare.web.render import clocks, states

register = template.Library()
register.filter("schedule", words.schedule)
register.filter("whose", words.whose)


@register.simple_tag
def heartbeat_state(row: Row) -> SafeString:
    """The badge; beside one that is down for how long, beside one that runs since when."""
    state = row.state
    badge = states.state(words.tone(state, row.heartbeat.severity), words.state_word(state))
    if state.status == HeartbeatStatus.DOWN:
        return format_html("<span>{} {}</span>", badge, clocks.stopwatch(state.changed_at, utc_now()))
    if words.is_running(state):
        return format_html("<span>{} {}</span>", badge, clocks.stopwatch(state.started_at, utc_now()))
    return badge


@register.simple_tag
def ping_kind(ping: HeartbeatPing) -> SafeString:
    """What a ping told, with its exit code where that is not 0."""
    word = str(ping.get_kind_display())
    if ping.exit_code:
        word = _("%(word)s, exit code %(code)d") % {"word": word, "code": ping.exit_code}
    return states.state(words.PING_TONES[PingKind(ping.kind)], word, quiet=True)


@register.simple_tag
def change_state(status: str, severity: str) -> SafeString:
    """A state of the history."""
    found = HeartbeatStatus(status)
    tone = words.TONES.get(found) or ("breached" if severity == "red" else "warning")
    return states.state(tone, str(found.label), quiet=True)


@register.filter
def reason_words(change: HeartbeatChange) -> str:
    """Why it changed; an absence of ours with its length."""
    said = str(Reason(change.reason).label)
    if change.since is None:
        return said
    span = words.absence(change.since, change.at)
    return _("%(reason)s (%(span)s)") % {"reason": said, "span": span}
