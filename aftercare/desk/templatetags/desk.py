"""Tags of the desk: `{% load desk %}`."""

from django import template
from django.utils.html import format_html, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.clocks.models import Clock, ClockState
from aftercare.clocks.types import Segment
from aftercare.desk.models import Status, Ticket
from aftercare.desk.promises import label_of
from aftercare.kernel.clock import utc_now
from aftercare.web.render import states
from aftercare.web.render.clocks import countdown

register = template.Library()

LONGEST_ADDRESS = 120  # shown of an address; the link has all of it

TONES = {
    Status.OPEN: "warning",
    Status.WAITING_CUSTOMER: "neutral",
    Status.SOLVED: "resolved",
    Status.CLOSED: "resolved",
}


@register.simple_tag
def ticket_status(ticket: Ticket, reader: User) -> SafeString:
    """The ticket's status as a badge, in the words of the reader's side."""
    status = Status(ticket.status)
    words = {Status.OPEN: _("with support"), Status.WAITING_CUSTOMER: _("waiting for you")}
    word = str(status.label) if reader.is_provider else words.get(status, str(status.label))
    return states.state(TONES[status], word)


@register.filter
def plain_text(text: str) -> SafeString:
    """A person's words: every sign escaped, addresses of the web made links that lend no credit, and cut."""
    return mark_safe(urlize(text, trim_url_limit=LONGEST_ADDRESS, nofollow=True, autoescape=True))  # noqa: S308 (urlize has escaped it)


@register.filter(name="bytes")
def size_in_words(size: int | None) -> str:
    """A file's size: `640 KB`, `24.1 MB`."""
    if not size:
        return "0 KB"
    whole = size / (1024 * 1024)
    return f"{whole:.1f} MB".replace(".0 ", " ") if whole >= 1 else f"{max(1, round(size / 1024))} KB"


@register.simple_tag
def clock_of(clock: Clock) -> SafeString:
    """A going clock in a list: what it promises, and what is left or why it stands."""
    name = label_of(clock)
    if clock.state == ClockState.PAUSED:
        return format_html('<span class="muted">{} · {}</span>', name, gettext(str(clock.pauses[-1][2])))
    left = countdown(clock.due_at, utc_now(), clock.started_at)
    return format_html('{} <span class="clock-name">{}</span>', left, name)


@register.simple_tag
def segment_words(segment: Segment) -> str:
    """Why a stretch of time was counted, or was not."""
    words = {"open": _("counted"), "closed": _("outside opening hours"), "holiday": _("holiday"), "paused": _("stood")}
    label = gettext(segment.label) if segment.label else ""
    return f"{words[segment.why]}{_(': ') if label else ''}{label}"


@register.simple_tag
def mark(points: int) -> str:
    """A mark out of five."""
    return f"{points} / 5"


@register.simple_tag
def question_word(name: str) -> str:
    """What a question of the rating is called."""
    return {"expertise": _("Expertise"), "attitude": _("Attitude"), "communication": _("Communication")}[name]
