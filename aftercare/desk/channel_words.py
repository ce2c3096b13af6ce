"""What a composer says of the way its words take, where that is not plain: before anybody writes, not after."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftercare.desk.actions.prepared import needs_a_hand
from aftercare.desk.actions.service_window import allowance, identity_of
from aftercare.desk.models import Group, Ticket


def about_ticket(ticket: Ticket, now: datetime) -> str:
    """For the composer of a ticket; empty where a reply simply arrives."""
    identity = identity_of(ticket)
    if identity is None:
        return about_group(ticket.group) if ticket.group is not None else ""
    allowed = allowance(identity, now)
    if allowed.left == 0 or allowed.until is None:
        return _(
            "WeCom customer service: nothing more can be sent until the customer writes again. "
            "Internal notes can be written."
        )
    until = date_format(timezone.localtime(allowed.until), "m-d H:i")
    return ngettext(
        "WeCom customer service: %(left)s more message may be sent until the customer writes again, until %(until)s.",
        "WeCom customer service: %(left)s more messages may be sent until the customer writes again, until %(until)s.",
        allowed.left,
    ) % {"left": allowed.left, "until": until}


def about_group(group: Group) -> str:
    """For the composer of a group; empty where its words go there by themselves."""
    if not needs_a_hand(group):
        return ""
    return _(
        "WeCom customer group: copy is handed to your WeCom sidebar, you press send there. "
        "The reply clock stops when the group has heard it."
    )
