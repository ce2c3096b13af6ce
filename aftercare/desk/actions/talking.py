"""Saying something in a ticket or a service group, and having read it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk import life, notices, outward, promises
from aftercare.desk.actions.groups import heard_in_group
from aftercare.desk.actions.locking import checked_body, locked_landing
from aftercare.desk.actions.speaking import already_here, person_of, side_of, spoken_by, take_files
from aftercare.desk.events import MessagePosted
from aftercare.desk.models import (
    UNSETTLED,
    Attachment,
    Contact,
    EventKind,
    Message,
    Side,
    Status,
    Ticket,
    TicketEvent,
    TicketRead,
    Way,
)
from aftercare.kernel.errors import Refused
from aftercare.kernel.events import publish
from aftercare.notify.models import Account

# What `move_on` and a message change of a ticket.
MOVED = (
    "status",
    "first_response_at",
    "waiting_since",
    "snoozed_until",
    "solved_at",
    "version",
    "updated_at",
)


@transaction.atomic
def reply(
    *,
    ticket: Ticket,
    author: User | Contact,
    body: str,
    quoted: str = "",
    internal: bool = False,
    version: int | None = None,
    way: str = Way.PORTAL,
    account: Account | None = None,
    provider_message_id: str | None = None,
    attachments: Sequence[Attachment] = (),
    keeps_working: bool = False,
    now: datetime,
) -> Message:
    """Post a person's words. A customer's reply to a solved ticket opens it again.

    A message that its vendor (`account`) has sent before, by `provider_message_id`, is not posted twice. In a ticket
    that was asked in a service group, public words go to the group as well; words to a ticket that was merged go where
    it went. After public words of ours the ticket waits for the customer, unless we `keeps_working`: then the promises
    run on. Raises Refused when there is neither text nor a file, the text is too long, the ticket is closed, a customer
    asks for an internal note, or `version` is stale.
    """
    row = locked_landing(ticket, version)
    seen = already_here(account, provider_message_id)
    if seen:
        return seen
    return say_in(
        row,
        author=author,
        body=body,
        quoted=quoted,
        internal=internal,
        way=way,
        account=account,
        provider_message_id=provider_message_id,
        origin=ticket if ticket.pk != row.pk else None,
        attachments=attachments,
        keeps_working=keeps_working,
        now=now,
    )


def say_in(
    row: Ticket,
    *,
    author: User | Contact,
    body: str,
    quoted: str = "",
    internal: bool = False,
    way: str,
    account: Account | None = None,
    provider_message_id: str | None = None,
    origin: Ticket | None = None,
    attachments: Sequence[Attachment] = (),
    keeps_working: bool = False,
    now: datetime,
) -> Message:
    """The same in a ticket whose row the caller has locked, with words that are not here yet. `origin` is the ticket
    that was merged into it, where the words are to that one.
    """
    side = side_of(author)
    if internal and side == Side.CUSTOMER:
        raise Refused(_("Internal notes belong to the provider."))
    if row.status == Status.CLOSED and not internal:
        raise Refused(_("This ticket is closed. Open a new one and mention #%(number)s.") % {"number": row.number})
    message = Message.objects.create(
        ticket=row,
        group_id=None if internal else row.group_id,
        **spoken_by(author),
        side=side,
        way=way,
        body=checked_body(body, has_files=bool(attachments)),
        quoted=quoted,
        internal=internal,
        created_at=now,
        account=account,
        provider_message_id=provider_message_id,
        origin_ticket=origin,
    )
    take_files(message, attachments)
    person = person_of(author)
    if not internal:
        was_solved = row.status == Status.SOLVED
        move_on(row, person, side, now, keeps_working=keeps_working)
        if account is None or not account.quiet:
            keep_promises(row, side, now, was_solved=was_solved)
    row.version += 1
    row.updated_at = now
    row.save(update_fields=MOVED)
    if person is not None:
        mark_read(ticket=row, user=person, now=now)
    action = "ticket.note" if internal else "ticket.reply"
    detail = {"message": message.pk, "number": row.number}
    audit.record(actor=person, action=action, subject=row.ref, customer_id=row.customer_id, detail=detail, now=now)
    if not internal and row.group_id is not None:
        heard_in_group(message, now=now)
    outward.deliver(message, now=now)
    notices.tell_of_message(row, message, now=now)
    publish(MessagePosted.of(message, row, now))
    return message


def keep_promises(row: Ticket, side: Side, now: datetime, *, was_solved: bool) -> None:
    """What a public message does to the ticket's clocks and to what would happen to it by itself."""
    if side == Side.CUSTOMER:
        promises.customer_spoke(row, now, was_solved=was_solved)
        life.call_off(row)
        return
    promises.answered(row, now, waits_for_customer=row.status == Status.WAITING_CUSTOMER)
    if row.status == Status.WAITING_CUSTOMER:
        life.plan_reminder(row, now)


def move_on(row: Ticket, author: User | None, side: Side, now: datetime, *, keeps_working: bool = False) -> None:
    """What a public message does to the ticket's state; `row` is saved by the caller."""
    if side == Side.PROVIDER:
        row.first_response_at = row.first_response_at or now
        row.waiting_since = None
        if row.status in UNSETTLED:
            row.status = Status.OPEN if keeps_working else Status.WAITING_CUSTOMER
        return
    row.snoozed_until = None  # it is not the time that we waited for
    if row.status == Status.SOLVED:
        TicketEvent.objects.create(ticket=row, at=now, kind=EventKind.REOPENED, actor=author)
    row.status = Status.OPEN
    row.solved_at = None
    row.waiting_since = row.waiting_since or now


@transaction.atomic
def tell_ticket(*, ticket: Ticket, body: str, body_zh: str, now: datetime) -> Message:
    """Post the system's own words, in both languages, to both sides."""
    row = locked_landing(ticket, None)
    message = Message.objects.create(
        ticket=row,
        group_id=row.group_id,
        side=Side.SYSTEM,
        way=Way.SYSTEM,
        body=body,
        body_zh=body_zh,
        created_at=now,
    )
    row.updated_at = now
    row.save(update_fields=["updated_at"])
    detail = {"message": message.pk, "number": row.number}
    audit.record(actor=None, action="ticket.tell", subject=row.ref, customer_id=row.customer_id, detail=detail, now=now)
    promises.told_progress(row, now)
    outward.deliver(message, now=now)
    notices.tell_of_message(row, message, now=now)
    publish(MessagePosted.of(message, row, now))
    return message


def mark_read(*, ticket: Ticket, user: User, now: datetime) -> None:
    """Remember that `user` has read everything in `ticket` up to `now`."""
    TicketRead.objects.bulk_create(
        [TicketRead(ticket=ticket, user=user, seen_at=now)],
        update_conflicts=True,
        unique_fields=["ticket", "user"],
        update_fields=["seen_at"],
    )
