"""What chats owe to those who have left, the answer by mail, and what is forgotten of them."""

from datetime import datetime

from django.db import transaction

from aftercare.desk.chat.away import LOOK_AFTER, is_here, mailed_at
from aftercare.desk.mail.outgoing import mail_to_visitor
from aftercare.desk.models import ChatSession, WaitingAnswer

AT_ONCE = 200
SWEPT_AT_ONCE = 1000


def mail_answers(now: datetime) -> int:
    """Mail what visitors who left have not read; returns how many answers were looked at."""
    done = 0
    while done < AT_ONCE and look_at_one(now):
        done += 1
    return done


@transaction.atomic
def look_at_one(now: datetime) -> bool:
    """The answer that has waited longest. A visitor who is here and has not read it is looked for again later."""
    waiting = WaitingAnswer.objects.select_for_update(skip_locked=True, of=("self",))
    waiting = waiting.select_related("visitor__contact__user", "message__ticket__customer", "message__author")
    row = waiting.filter(due_at__lte=now).order_by("due_at", "message_id").first()
    if row is None:
        return False
    visitor, message, ticket = row.visitor, row.message, row.message.ticket
    is_read = visitor.read_to_id is not None and visitor.read_to_id >= message.pk
    if ticket is not None and not is_read:
        if is_here(visitor, now):
            row.due_at = now + LOOK_AFTER
            row.save(update_fields=["due_at"])
            return True
        address = mailed_at(visitor, ticket)
        if address:
            mail_to_visitor(message, ticket, address, visitor.contact.language, now=now)
    row.delete()
    return True


def forget_sessions(now: datetime) -> int:
    """Take away browsers whose token is over; the chat itself stays. Returns how many."""
    over = ChatSession.objects.filter(expires_at__lte=now).order_by("expires_at").values("pk")[:SWEPT_AT_ONCE]
    return ChatSession.objects.filter(pk__in=over).delete()[0]
