"""What chats owe to those who have left, the answer by mail, and what is forgotten of them."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from aftercare.desk.chat.away import HERE_FOR, LOOK_AFTER, mailed_at
from aftercare.desk.mail.outgoing import mail_to_visitor
from aftercare.desk.models import ChatSession, WaitingAnswer

AT_ONCE = 200
SWEPT_AT_ONCE = 1000


def mail_answers(now: datetime) -> int:
    """Mail what visitors who left have not read; returns how many answers were looked at.

    What has been read needs nobody any more; a visitor who is here and has not read it is looked for again later.
    """
    due = WaitingAnswer.objects.filter(due_at__lte=now)
    done = due.filter(visitor__read_to__gte=F("message_id")).delete()[0]
    done += due.filter(visitor__heard_at__gte=now - HERE_FOR).update(due_at=now + LOOK_AFTER)
    ends = done + AT_ONCE
    while done < ends and mail_one(now):
        done += 1
    return done


@transaction.atomic
def mail_one(now: datetime) -> bool:
    """The answer that has waited longest for a visitor who has left, mailed if they said where to."""
    waiting = WaitingAnswer.objects.select_for_update(skip_locked=True, of=("self",))
    waiting = waiting.select_related("visitor__contact__user", "message__ticket__customer", "message__author")
    row = waiting.filter(due_at__lte=now).order_by("due_at", "message_id").first()
    if row is None:
        return False
    visitor, message, ticket = row.visitor, row.message, row.message.ticket
    address = mailed_at(visitor, ticket) if ticket is not None else ""
    if ticket is not None and address:
        mail_to_visitor(message, ticket, address, visitor.contact.language, now=now)
    row.delete()
    return True


def forget_sessions(now: datetime) -> int:
    """Take away browsers whose token is over; the chat itself stays. Returns how many."""
    over = ChatSession.objects.filter(expires_at__lte=now).order_by("expires_at").values("pk")[:SWEPT_AT_ONCE]
    return ChatSession.objects.filter(pk__in=over).delete()[0]
