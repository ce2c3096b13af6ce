"""What the desk tells programs: one outbox row per webhook, in the transaction of what happened."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from aftercare.desk.events import MessagePosted, TicketOpened, TicketSolved
from aftercare.desk.models import Ticket
from aftercare.notify import webhooks

KINDS = {
    "ticket.opened": _("A ticket was opened"),
    "ticket.solved": _("A ticket was called solved"),
    "message.posted": _("Something was said in a ticket"),
}


def on_ticket_opened(event: TicketOpened) -> None:
    """A ticket was opened."""
    tell_of_ticket("ticket.opened", event.ticket_id, event.at)


def on_ticket_solved(event: TicketSolved) -> None:
    """A ticket was called solved."""
    tell_of_ticket("ticket.solved", event.ticket_id, event.at)


def on_message_posted(event: MessagePosted) -> None:
    """Words in a ticket; internal notes are told to nobody's program."""
    message = event.message
    if message.internal or message.ticket is None:
        return
    told = {
        "ticket": facts_of(message.ticket),
        "message": {
            "ref": message.ref,
            "side": message.side,
            "way": message.way,
            "speaker": message.speaker_name,
            "body": message.body,
            "created_at": message.created_at.isoformat(),
        },
    }
    customer_id = message.ticket.customer_id
    webhooks.tell("message.posted", customer_id=customer_id, subject_ref=message.ref, data=told, now=event.at)


def tell_of_ticket(kind: str, ticket_id: int, at: datetime) -> None:
    """One event of one ticket."""
    ticket = Ticket.objects.select_related("customer", "app").get(pk=ticket_id)
    told = {"ticket": facts_of(ticket)}
    webhooks.tell(kind, customer_id=ticket.customer_id, subject_ref=ticket.ref, data=told, now=at)


def facts_of(ticket: Ticket) -> dict[str, Any]:
    """The ticket as programs see it; the API tells more."""
    return {
        "ref": ticket.ref,
        "number": ticket.number,
        "title": ticket.title,
        "severity": ticket.severity,
        "status": ticket.status,
        "way": ticket.way,
        "customer": ticket.customer.ref,
        "app": ticket.app.ref if ticket.app else None,
        "created_at": ticket.created_at.isoformat(),
    }
