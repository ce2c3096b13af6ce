"""What follows in a web chat from what happens to its ticket, whoever does it and wherever."""

from aftercare.clocks import actions as clocks
from aftercare.desk.chat.away import wait_for_reader
from aftercare.desk.chat.live import tell_visitor, tell_words, visitor_of
from aftercare.desk.chat.state import CHAT_REPLY
from aftercare.desk.events import MessagePosted, TicketSolved
from aftercare.desk.models import Side, Ticket, Way


def on_message_posted(event: MessagePosted) -> None:
    """Words are shown on both sides without waiting for the outbox; ours keep the promise of an answer."""
    message = event.message
    ticket = message.ticket
    if ticket is None or ticket.way != Way.CHAT or message.internal:
        return
    visitor = visitor_of(ticket)
    tell_words(visitor, message, now=event.at)
    if visitor is not None:
        if message.side != Side.CUSTOMER:
            wait_for_reader(visitor, message, event.at)
        if message.side == Side.PROVIDER:
            clocks.stop(kind=CHAT_REPLY, subject_ref=ticket.ref, at=event.at)


def on_ticket_solved(event: TicketSolved) -> None:
    """The visitor's window says so, and nothing is owed any more."""
    ticket = Ticket.objects.get(pk=event.ticket_id)
    visitor = visitor_of(ticket)
    if visitor is not None:
        clocks.cancel(kind=CHAT_REPLY, subject_ref=ticket.ref, at=event.at)
        tell_visitor(visitor, {"kind": "state"})
