"""Due rows of tickets: those that wake up, and what people wanted to be reminded of."""

from datetime import datetime

from django.db import transaction

from aftercare.desk.actions.keeping import deliver_reminder, forget_looks, wake_ticket
from aftercare.desk.models import Reminder, Ticket

AT_ONCE = 200


def wake_and_remind(now: datetime) -> int:
    """Do what is due, each in its own transaction; returns how much. Any number of processes may call it."""
    done = 0
    while done < AT_ONCE and (wake_one(now) or remind_one(now)):
        done += 1
    forget_looks(now)
    return done


@transaction.atomic
def wake_one(now: datetime) -> bool:
    """The ticket that should have woken first."""
    sleeping = Ticket.objects.select_for_update(skip_locked=True, no_key=True)
    ticket = sleeping.filter(snoozed_until__lte=now).order_by("snoozed_until").first()
    if ticket is not None:
        wake_ticket(ticket=ticket, user=None, now=now)
    return ticket is not None


@transaction.atomic
def remind_one(now: datetime) -> bool:
    """The reminder that is due the longest."""
    waiting = Reminder.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user", "ticket")
    reminder = waiting.filter(done_at=None, due_at__lte=now).order_by("due_at").first()
    if reminder is not None:
        deliver_reminder(reminder=reminder, now=now)
    return reminder is not None
