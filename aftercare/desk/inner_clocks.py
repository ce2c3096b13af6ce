"""Promises beside a ticket's own: the first answer of a chat, and what a tier above owes the one that handed over.

Whoever can still keep them hears of it by every way that reaches them. Outbox rows only.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.models import Rank, User
from aftercare.clocks.events import ClockBreached, ClockReached, ClockStopped
from aftercare.clocks.models import Clock
from aftercare.desk import notices
from aftercare.desk.chat.state import CHAT_REPLY
from aftercare.desk.models import HandOver, Ticket, Tier
from aftercare.desk.presence import who_is_on
from aftercare.desk.reminders import desk_managers, write_to
from aftercare.desk.routing.targets import HAND_OVER_CLOCKS
from aftercare.notify import actions as notify

CHAT_OVERDUE, HAND_OVER_DUE = "chat.overdue", "hand_over.due"
IS_DONE = gettext_noop("It was answered meanwhile.")
TIERS = {kind: tier for tier, kind in HAND_OVER_CLOCKS.items()}


def on_clock_reached(event: ClockReached) -> None:
    """A hand-over's time runs low: whoever has the ticket up there is reminded, else everybody of the tier."""
    tier = TIERS.get(event.kind)
    ticket = ticket_of(event.subject_ref) if tier else None
    if tier is None or ticket is None:
        return
    people = [ticket.assignee] if ticket.assignee and ticket.assignee.is_active else people_of(tier, ticket)
    tell(people, ticket, HAND_OVER_DUE, lambda: hand_over_words(ticket, tier, event.clock_id, is_over=False), event.at)


def on_clock_breached(event: ClockBreached) -> None:
    """A chat without its first answer; a hand-over without its answer."""
    tier = TIERS.get(event.kind)
    ticket = ticket_of(event.subject_ref) if tier or event.kind == CHAT_REPLY else None
    if ticket is None:
        return
    if event.kind == CHAT_REPLY:
        tell(chat_people(ticket, event.at), ticket, CHAT_OVERDUE, lambda: chat_words(ticket), event.at)
    elif tier is not None:
        handed = HandOver.objects.filter(ticket=ticket, to_tier=tier, returned_at=None).order_by("-pk").first()
        people = [*people_of(tier, ticket), *active([ticket.assignee, handed.by if handed else None])]
        words = hand_over_words
        tell(people, ticket, HAND_OVER_DUE, lambda: words(ticket, tier, event.clock_id, is_over=True), event.at)


def on_clock_stopped(event: ClockStopped) -> None:
    """Answered: what still waits to go out is taken back."""
    if event.kind == CHAT_REPLY or event.kind in TIERS:
        kind = CHAT_OVERDUE if event.kind == CHAT_REPLY else HAND_OVER_DUE
        notify.drop_pending(subject_ref=event.subject_ref, kind=kind, reason=IS_DONE)


def ticket_of(ref: str) -> Ticket | None:
    """The ticket that a clock is about; None for clocks about anything else."""
    return Ticket.objects.select_related("customer", "assignee").filter(ref=ref).first()


def chat_people(ticket: Ticket, now: datetime) -> list[User]:
    """Who can answer a chat: those who are on, and whoever has it. When nobody is on: a key customer's named people,
    else those who take tier 1, else who manages the desk.
    """
    on = [*who_is_on(now)]
    if on:
        return [*on, *active([ticket.assignee])]
    named = User.objects.filter(expert_of__customer=ticket.customer) if ticket.customer.rank == Rank.KEY else None
    if named is not None and named.filter(is_active=True).exists():
        return [*named.filter(is_active=True).distinct(), *active([ticket.assignee])]
    return [*people_of(Tier.FIRST, ticket), *active([ticket.assignee])]


def people_of(tier: Tier, ticket: Ticket) -> list[User]:
    """Everybody who takes tickets of this tier; where nobody does, everyone who manages the desk."""
    people: QuerySet[User] = User.objects.filter(is_active=True, customer__isnull=True)
    found = list(notices.without_deaf(people.filter(agent_profile__tiers__contains=[int(tier)]), ticket))
    return found or list(desk_managers())


def active(people: Iterable[User | None]) -> list[User]:
    """Those who can still sign in."""
    return [person for person in people if person is not None and person.is_active]


def tell(
    people: Iterable[User], ticket: Ticket, kind: str, words: Callable[[], tuple[str, str]], now: datetime
) -> None:
    """Each of them once."""
    for person in {person.pk: person for person in people}.values():
        write_to(person, kind=kind, subject_ref=ticket.ref, url_path=f"/tickets/{ticket.ref}", words=words, now=now)


def chat_words(ticket: Ticket) -> tuple[str, str]:
    """Somebody was told "we will answer by"."""
    values = {"customer": ticket.customer.display_name, "number": ticket.number}
    return _("Chat answer overdue: #%(number)s of %(customer)s") % values, ticket.display_title


def hand_over_words(ticket: Ticket, tier: Tier, clock_id: int, *, is_over: bool) -> tuple[str, str]:
    """Which tier owes an answer, and by when."""
    due_at = Clock.objects.get(pk=clock_id).due_at
    values = {
        "tier": tier.label,
        "number": ticket.number,
        "customer": ticket.customer.display_name,
        "due": date_format(timezone.localtime(due_at), "Y-m-d H:i") if due_at else "—",
    }
    if is_over:
        return _("Answer of %(tier)s overdue: #%(number)s of %(customer)s") % values, ticket.display_title
    return _("Answer of %(tier)s due %(due)s: #%(number)s of %(customer)s") % values, ticket.display_title
