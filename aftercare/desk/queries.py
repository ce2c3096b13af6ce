"""Reading the desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery

from aftercare.accounts.models import User
from aftercare.clocks.models import GOING, Clock
from aftercare.desk.access import emergencies_for, groups_for, messages_for, tickets_for
from aftercare.desk.complaints.counting import Complaints, complaints_between
from aftercare.desk.macros import language_of
from aftercare.desk.models import (
    GROUP_REPLY,
    UNSETTLED,
    Emergency,
    Following,
    Group,
    Message,
    Side,
    Ticket,
    TicketEvent,
    TicketRead,
)
from aftercare.desk.search.finding import find, matching_tickets
from aftercare.desk.search.showing import Hit, hits_of
from aftercare.desk.words import event_sentence

COLLEAGUES_LISTED = 500

__all__ = [
    "Complaints",
    "Hit",
    "InboxFilter",
    "Thread",
    "ThreadItem",
    "colleagues",
    "complaints_between",
    "find",
    "get_thread",
    "hits_of",
    "language_of",
    "list_tickets",
    "list_unanswered",
    "narrowed",
    "staff_in",
    "with_unread",
]


@dataclass(frozen=True)
class InboxFilter:
    """What the inbox is narrowed to; empty strings narrow nothing.

    `status` may also be "unsettled", which leaves out what sleeps for the provider, or "snoozed".
    """

    status: str = "unsettled"
    severity: str = ""
    customer: str = ""
    mine: bool = False
    words: str = ""
    kind: str = ""
    followed: bool = False
    assignee: str = ""  # a person's ref, or "none"
    way: str = ""
    tag: str = ""


@dataclass(frozen=True)
class ThreadItem:
    """One line of a thread: a message, or the sentence of an event."""

    at: datetime
    message: Message | None = None
    sentence: str = ""


def list_tickets(user: User, wanted: InboxFilter) -> QuerySet[Ticket]:
    """The tickets `user` may see, narrowed; those waiting for an answer first, the longest wait on top."""
    order = F("waiting_since").asc(nulls_last=True) if user.customer_id is None else F("updated_at").desc()
    return with_unread(narrowed(user, wanted), user).order_by(order, "-updated_at", "-pk")


def narrowed(user: User, wanted: InboxFilter) -> QuerySet[Ticket]:
    """The tickets `user` may see that fit, in no order."""
    tickets = tickets_for(user)
    if wanted.status == "unsettled":
        tickets = tickets.filter(status__in=UNSETTLED)
        if user.customer_id is None:
            tickets = tickets.filter(snoozed_until=None)
    elif wanted.status == "snoozed":
        tickets = tickets.filter(snoozed_until__isnull=False)
    elif wanted.status:
        tickets = tickets.filter(status=wanted.status)
    if wanted.severity:
        tickets = tickets.filter(severity=wanted.severity)
    if wanted.customer:
        tickets = tickets.filter(customer__ref=wanted.customer)
    if wanted.mine:
        tickets = tickets.filter(opened_by=user) if user.customer_id else tickets.filter(assignee=user)
    if wanted.kind:
        tickets = tickets.filter(kind=wanted.kind)
    if wanted.followed:
        tickets = tickets.filter(pk__in=Following.objects.filter(user=user, follows=True).values("ticket"))
    if wanted.way:
        tickets = tickets.filter(way=wanted.way)
    if wanted.assignee == "none":
        tickets = tickets.filter(assignee=None)
    elif wanted.assignee:
        tickets = tickets.filter(assignee__ref=wanted.assignee)
    if wanted.tag and user.customer_id is None:
        tickets = tickets.filter(tags__name__iexact=wanted.tag)
    return tickets.filter(called(user, wanted.words)) if wanted.words else tickets


def called(user: User, words: str) -> Q:
    """Tickets with this number or ref, and those that a search for these words finds."""
    number = words.removeprefix("#")
    there = Q(ref=words.lower()) | Q(pk__in=matching_tickets(user, words))
    return there | Q(number=int(number)) if number.isdecimal() and len(number) < 10 else there


def with_unread(tickets: QuerySet[Ticket], user: User) -> QuerySet[Ticket]:
    """Each ticket with `is_unread`: somebody else wrote since `user` last looked."""
    seen = TicketRead.objects.filter(ticket=OuterRef(OuterRef("pk")), user=user).values("seen_at")
    other = Message.objects.filter(ticket=OuterRef("pk")).exclude(author=user)
    if user.customer_id is not None:
        other = other.filter(internal=False)
    newer = other.annotate(seen=Subquery(seen, output_field=DateTimeField()))
    return tickets.annotate(is_unread=Exists(newer.filter(Q(seen__isnull=True) | Q(created_at__gt=F("seen")))))


def list_unanswered(user: User) -> QuerySet[Ticket]:
    """Tickets whose customer waits for words of a person, the longest wait first."""
    waiting = tickets_for(user).filter(waiting_since__isnull=False, status__in=UNSETTLED)
    return waiting.order_by("waiting_since", "pk")


def list_emergencies(user: User) -> QuerySet[Emergency]:
    """Emergencies that go on, those nobody has answered first, then the oldest."""
    going = emergencies_for(user).filter(downgraded_at=None, ticket__status__in=UNSETTLED)
    return going.order_by(F("answered_at").asc(nulls_first=True), "opened_at", "pk")


def list_groups(user: User) -> QuerySet[Group]:
    """Service groups with `due_at`, when their first reply is due: the most urgent first, then those in use by name."""
    clock = Clock.objects.filter(kind=GROUP_REPLY, subject_ref=OuterRef("ref"), state__in=GOING)
    groups = groups_for(user).annotate(due_at=Subquery(clock.values("due_at")[:1]))
    order = (F("due_at").asc(nulls_last=True), F("waiting_since").asc(nulls_last=True))
    return groups.order_by(*order, "-enabled", "name", "pk")


@dataclass(frozen=True)
class Thread:
    """A ticket's messages and events, oldest first: the very first where `newest` does not reach back to it, and how
    many between the two are left out.
    """

    first: ThreadItem | None
    left_out: int
    newest: list[ThreadItem]


def get_thread(user: User, ticket: Ticket, newest: int | None = None) -> Thread:
    """What `user` may read of it: the newest entries, or everything. A long one is not read whole for its end."""
    said = messages_for(user, ticket)
    events = TicketEvent.objects.filter(ticket=ticket).select_related("actor").order_by("at", "pk")
    if newest is None:
        return Thread(None, 0, in_order(said, events))
    items = in_order(said.reverse()[: newest + 1], events.reverse()[: newest + 1])
    if len(items) <= newest:
        return Thread(None, 0, items)
    oldest = in_order(said[:1], events[:1])[0]
    return Thread(oldest, said.count() + events.count() - newest - 1, items[-newest:])


def in_order(said: Iterable[Message], events: Iterable[TicketEvent]) -> list[ThreadItem]:
    """Words before what happened with them, oldest first."""
    rows = [(m.created_at, 0, m.pk, ThreadItem(at=m.created_at, message=m)) for m in said]
    rows += [(e.at, 1, e.pk, ThreadItem(at=e.at, sentence=event_sentence(e))) for e in events]
    return [item for *_place, item in sorted(rows, key=itemgetter(0, 1, 2))]


def colleagues() -> QuerySet[User]:
    """The provider's people to whom a ticket can be handed."""
    return User.objects.filter(customer__isnull=True, is_active=True).only("ref", "name")[:COLLEAGUES_LISTED]


def staff_in(ticket: Ticket) -> QuerySet[User]:
    """The provider's people who have the ticket or have spoken in it."""
    spoke = Message.objects.filter(ticket=ticket, side=Side.PROVIDER, author__isnull=False).values("author")
    people = User.objects.filter(is_active=True, customer__isnull=True)
    return people.filter(Q(pk__in=spoke) | Q(pk=ticket.assignee_id))
