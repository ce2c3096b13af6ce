"""An emergency as its pages show it: who is being woken, by what, who has it, and how often this customer calls."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from aftercare.accounts.models import Customer, User
from aftercare.clocks.queries import Explanation, clocks_about, explain
from aftercare.desk.actions.emergency import GREEN_ANSWER
from aftercare.desk.models import UNSETTLED, Emergency, EventKind, Ticket, TicketEvent
from aftercare.notify.models import State
from aftercare.oncall.models import Page, PageNotice, PageSeen, PageState

COUNTED_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Woken:
    """One person, one way: when it went out and what became of it ("sent", "waiting", "failed")."""

    name: str
    channel: str
    at: datetime
    outcome: str
    reached_at: datetime | None


@dataclass(frozen=True)
class Engineer:
    """One person of ours in the emergency: paged when (None: came unpaged), saw it when, took it when.

    Whoever takes a page has seen it.
    """

    name: str
    paged_at: datetime | None
    seen_at: datetime | None
    taken_at: datetime | None
    ways: list[Woken]


@dataclass(frozen=True)
class EmergencyView:
    """Everything a caller wants to know; `page` None before one was started."""

    emergency: Emergency
    ticket: Ticket
    page: Page | None
    woken: list[Woken]
    engineers: list[Engineer]
    clock: Explanation | None
    is_over: bool
    is_answered: bool
    counts: "Counts"

    @property
    def holder(self) -> User | None:
        """Who has it now."""
        return self.page.acknowledged_by if self.page is not None else None


@dataclass(frozen=True)
class Counts:
    """How often a customer called within COUNTED_FOR: emergencies, presses, and how many were graded down."""

    emergencies: int
    calls: int
    downgraded: int
    days: int = COUNTED_FOR.days


def get_view(emergency: Emergency, now: datetime) -> EmergencyView:
    """The emergency as it stands."""
    ticket = emergency.ticket
    page = Page.objects.filter(subject_ref=ticket.ref).select_related("acknowledged_by").order_by("-id").first()
    clock = clocks_about(ticket.ref).filter(kind=GREEN_ANSWER).first()
    notices = notices_of(page) if page else []
    return EmergencyView(
        emergency=emergency,
        ticket=ticket,
        page=page,
        woken=[woken(notice) for notice in notices],
        engineers=engineers_in(page, ticket, notices) if page else [],
        clock=explain(clock, now) if clock else None,
        is_over=emergency.downgraded_at is not None or ticket.status not in UNSETTLED,
        is_answered=emergency.answered_at is not None or (page is not None and page.state == PageState.ACKNOWLEDGED),
        counts=count_calls(ticket.customer, now),
    )


def notices_of(page: Page) -> list[PageNotice]:
    """Every message of this page, in order."""
    return list(PageNotice.objects.filter(page=page).select_related("user", "delivery").order_by("id"))


def engineers_in(page: Page, ticket: Ticket, notices: list[PageNotice]) -> list[Engineer]:
    """Everybody this page went to in that order, then who took it without."""
    seen = dict(PageSeen.objects.filter(page=page).values_list("user", "at"))
    took = TicketEvent.objects.filter(ticket=ticket, kind=EventKind.TAKEN, at__gte=page.opened_at, actor__isnull=False)
    taken = {event.actor: event.at for event in took.select_related("actor").order_by("-at")}  # the first of each
    people = dict.fromkeys([*(notice.user for notice in notices), *taken])
    return [engineer(user, seen, taken, [n for n in notices if n.user_id == user.pk]) for user in people if user]


def engineer(
    user: User, seen: dict[int, datetime], taken: dict[User | None, datetime], notices: list[PageNotice]
) -> Engineer:
    """One of them."""
    taken_at = taken.get(user)
    looks = [at for at in (seen.get(user.pk), taken_at) if at is not None]
    return Engineer(
        name=user.name,
        paged_at=notices[0].at if notices else None,
        seen_at=min(looks) if looks else None,
        taken_at=taken_at,
        ways=[woken(notice) for notice in notices],
    )


def woken(notice: PageNotice) -> Woken:
    """What became of one message of the page."""
    delivery = notice.delivery
    if delivery is None or delivery.state in (State.FAILED, State.DROPPED):
        outcome = "failed"
    else:
        outcome = "sent" if delivery.state == State.SENT else "waiting"
    reached_at = delivery.sent_at if delivery else None
    return Woken(notice.user.name, notice.channel_name, notice.at, outcome, reached_at)


def count_calls(customer: Customer, now: datetime) -> Counts:
    """The customer's use of the green channel in the last thirty days."""
    recent = Emergency.objects.filter(customer=customer, opened_at__gt=now - COUNTED_FOR)
    counted = recent.aggregate(
        emergencies=Count("pk", distinct=True),
        calls=Count("calls"),
        downgraded=Count("pk", filter=Q(downgraded_at__isnull=False), distinct=True),
    )
    return Counts(counted["emergencies"], counted["calls"], counted["downgraded"])
