"""Sleeping, being reminded, and saying that one has a ticket open."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.models import User
from aftercare.desk import notices
from aftercare.desk.actions.handling import told
from aftercare.desk.actions.locking import locked
from aftercare.desk.actions.recording import keep
from aftercare.desk.models import UNSETTLED, EventKind, Look, Reminder, Ticket
from aftercare.kernel.errors import Refused

LONGEST = timedelta(days=366)
REMINDERS_AT_MOST = 50  # of one person in one ticket
LOOK_LASTS = timedelta(seconds=30)


@transaction.atomic
def snooze_ticket(*, ticket: Ticket, until: datetime, user: User, version: int | None = None, now: datetime) -> Ticket:
    """Put the ticket out of the inbox until then, or until somebody on the other side writes. Raises Refused for a
    time in the past or beyond a year, and for a settled ticket."""
    row = locked(ticket, version)
    if not now < until <= now + LONGEST:
        raise Refused(_("Choose a time in the future, at most a year from now."))
    if row.status not in UNSETTLED:
        raise Refused(_("This ticket is settled. There is nothing to wait for."))
    row.snoozed_until = until
    return told(row, user, EventKind.SNOOZED, {"until": until.isoformat()}, now)


@transaction.atomic
def wake_ticket(*, ticket: Ticket, user: User | None, now: datetime) -> Ticket:
    """Put the ticket back into the inbox; when its time came by itself, whoever has or follows it is told."""
    row = locked(ticket, None)
    if row.snoozed_until is None:
        return row
    row.snoozed_until = None
    told(row, user, EventKind.WOKE, {}, now)
    if user is None:
        tell(notices.holder_and_followers(row), row, gettext_noop("#%(number)s is awake again: %(title)s"), "", now)
    return row


@transaction.atomic
def remind(*, ticket: Ticket, user: User, due_at: datetime, text: str, now: datetime) -> Reminder:
    """Have the person reminded of the ticket. Raises Refused for a time in the past or beyond a year, or too many."""
    if not now < due_at <= now + LONGEST:
        raise Refused(_("Choose a time in the future, at most a year from now."))
    if Reminder.objects.filter(ticket=ticket, user=user, done_at=None).count() >= REMINDERS_AT_MOST:
        raise Refused(_("You have 50 reminders in this ticket. Take one away first."))
    reminder = Reminder.objects.create(ticket=ticket, user=user, note=text.replace("\x00", "")[:200], due_at=due_at)
    keep(ticket, "ticket.remind", user, {"due_at": due_at.isoformat()}, now)
    return reminder


@transaction.atomic
def deliver_reminder(*, reminder: Reminder, now: datetime) -> None:
    """Tell the person; the reminder is over in the same transaction."""
    reminder.done_at = now
    reminder.save(update_fields=["done_at"])
    if reminder.user.is_active:
        tell(
            [reminder.user],
            reminder.ticket,
            gettext_noop("You wanted to be reminded of #%(number)s: %(title)s"),
            reminder.note,
            now,
        )


def look_at(*, ticket: Ticket, user: User, is_typing: bool, now: datetime) -> list[Look]:
    """Say that the person has the ticket open; returns the others who have, the ones who type first.

    No audit row: it says where somebody looks, lasts half a minute and changes nothing.
    """
    values: dict[str, datetime | None] = {"at": now}
    if is_typing:
        values["typed_at"] = now
    Look.objects.update_or_create(ticket=ticket, user=user, defaults=values)
    others = Look.objects.filter(ticket=ticket, at__gt=now - LOOK_LASTS, user__is_active=True).exclude(user=user)
    return list(others.select_related("user").order_by("-typed_at", "pk")[:20])


def forget_looks(now: datetime) -> int:
    """Drop rows that expired long ago; returns how many."""
    return Look.objects.filter(at__lt=now - 20 * LOOK_LASTS).delete()[0]


def tell(people: Iterable[User], ticket: Ticket, title: str, body: str, now: datetime) -> None:
    """One push to each. `title` is a msgid with %(number)s and %(title)s."""

    def words() -> tuple[str, str]:
        return _(title) % {"number": ticket.number, "title": ticket.display_title}, body

    notices.push_to(people, ticket, words, kind="message", now=now)
