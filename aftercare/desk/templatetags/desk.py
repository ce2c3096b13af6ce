"""Tags of the desk: `{% load desk %}`."""

from django import template
from django.utils.html import urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.desk.models import Status, Ticket
from aftercare.web.render import states

register = template.Library()

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
    """A person's words: every sign escaped, addresses of the web made links that lend no credit."""
    return mark_safe(urlize(text, nofollow=True, autoescape=True))  # noqa: S308 (urlize has escaped it)
