"""A question in a group that becomes a ticket."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk.actions.opening import open_ticket
from aftercare.desk.models import Group, Message, Severity, Ticket, Way
from aftercare.kernel.errors import Refused

TITLE_LENGTH = 120


@transaction.atomic
def open_from_message(
    *,
    group: Group,
    message: Message,
    actor: User | None,
    severity: str = Severity.P3,
    title: str = "",
    now: datetime,
) -> Ticket:
    """The ticket of this message; it is not copied, it is the ticket's first. Asked twice, there is one ticket.

    `actor` None is somebody of the customer's, who reacted or wrote a command. Raises Refused for words that are not
    of this group, and for a severity that does not exist.
    """
    row = Message.objects.select_for_update(of=("self",), no_key=True).select_related("ticket", "contact", "author")
    first = row.filter(pk=message.pk, group=group).first()
    if first is None:
        raise Refused(_("This message is not of this group."))
    if first.ticket is not None:
        return first.ticket
    lines = first.body.split("\n")
    words = title or next((line.strip() for line in lines if line.strip()), "") or _("A file without words")
    ticket = open_ticket(
        customer_id=group.customer_id,
        app_id=None,
        title=" ".join(words.split())[:TITLE_LENGTH],
        severity=severity,
        body="",
        opened_by=first.contact or first.author,
        way=Way.GROUP,
        group=group,
        first=first,
        now=now,
    )
    audit.record(
        actor=actor,
        action="group.ticket",
        subject=ticket.ref,
        customer_id=group.customer_id,
        detail={"group": group.ref, "message": first.ref, "number": ticket.number},
        now=now,
    )
    return ticket
