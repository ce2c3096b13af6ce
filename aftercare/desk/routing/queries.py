"""What pages show of routing: who is on, why a ticket is where it is, what is stuck, hours on duty."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from aftercare.accounts.models import User
from aftercare.desk.models import (
    UNSETTLED,
    AgentProfile,
    Assignment,
    HandOver,
    PresenceInterval,
    Routing,
    Status,
    Ticket,
    Tier,
)
from aftercare.desk.routing.choice import choose
from aftercare.desk.routing.hours import Interval, hours_by_day, midnight
from aftercare.desk.routing.people import agents_now, need_of
from aftercare.desk.routing.words import waiting_sentence, why_sentence

SHOWN = 50
SPANS = {"today": 1, "7d": 7, "30d": 30, "90d": 90}  # days


@dataclass(frozen=True)
class Stuck:
    """One ticket on the board: since when it is where it is, and by when an answer is due inside."""

    ticket: Ticket
    since: datetime
    due_at: datetime | None
    reason: str


@dataclass(frozen=True)
class Column:
    """One tier of the board, oldest first; `total` counts those that are not shown too."""

    tier: Tier
    rows: list[Stuck]
    total: int

    @property
    def label(self) -> str:
        """The tier's name."""
        return str(self.tier.label)


@dataclass(frozen=True)
class Course:
    """What staff see of a ticket's routing."""

    routing: Routing | None
    why: str
    assignment: Assignment | None
    hand_over: HandOver | None
    past: list[HandOver]
    skills: list[str]

    @property
    def tiers_above(self) -> list[tuple[int, str]]:
        """Where it can be handed."""
        tier = self.routing.tier if self.routing else Tier.FIRST
        return [(one.value, str(one.label)) for one in Tier if one > tier]


def course_of(ticket: Ticket) -> Course:
    """Why the ticket is with whom it is, or what stands in the way of everybody."""
    routing = Routing.objects.filter(ticket=ticket).first()
    assignment = Assignment.objects.filter(ticket=ticket, ended_at__isnull=True).select_related("user").first()
    handed = list(HandOver.objects.filter(ticket=ticket).select_related("by", "returned_by").order_by("-pk"))
    why = ""
    if assignment is not None:
        why = why_sentence(assignment)
    elif routing is not None and routing.waiting_since is not None and ticket.status in UNSETTLED:
        found = choose(need_of(routing), list(agents_now()))
        why = "" if found.agent else waiting_sentence(found.against)
    return Course(
        routing=routing,
        why=why,
        assignment=assignment,
        hand_over=next((one for one in handed if one.returned_at is None), None),
        past=[one for one in handed if one.returned_at is not None and one.answer],
        skills=all_skills(),
    )


def all_skills() -> list[str]:
    """Every skill that somebody has."""
    return sorted({skill for skills in AgentProfile.objects.values_list("skills", flat=True) for skill in skills})


def board() -> list[Column]:
    """What waits in which tier and for how long: words of a customer, or an answer of a tier above."""
    return [column_of(tier) for tier in Tier]


def column_of(tier: Tier) -> Column:
    """One column of the board."""
    owed = Q(ticket__status=Status.OPEN) if tier == Tier.FIRST else Q(ticket__status__in=UNSETTLED)
    rows = Routing.objects.filter(owed, tier=tier).select_related("ticket__customer", "ticket__assignee")
    if tier == Tier.FIRST:
        waiting = rows.order_by("ticket__waiting_since", "pk")
        stuck = [
            Stuck(row.ticket, row.ticket.waiting_since or row.ticket.updated_at, None, "") for row in waiting[:SHOWN]
        ]
        return Column(tier, stuck, rows.count())
    handed = HandOver.objects.filter(
        to_tier=tier, returned_at__isnull=True, ticket__in=rows.values("ticket")
    ).select_related("ticket__customer", "ticket__assignee")
    told = [Stuck(one.ticket, one.at, one.due_at, one.reason) for one in handed.order_by("at", "pk")[:SHOWN]]
    return Column(tier, told, handed.count())


@dataclass(frozen=True)
class Day:
    """One person's day on duty, in seconds; a day on which nothing was recorded has no row."""

    user: User
    day: date
    on_s: float
    away_s: float


def hours_between(first: date, last: date, *, zone: ZoneInfo, now: datetime) -> list[Day]:
    """Hours of everybody who was on or away, by local day, from `first` to `last`."""
    start, end = midnight(first, zone), midnight(last + timedelta(days=1), zone)
    told = PresenceInterval.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=start), started_at__lt=min(end, now)
    ).select_related("user")
    people: dict[int, User] = {}

    def intervals() -> Iterator[Interval]:
        for row in told.iterator():
            people[row.user_id] = row.user
            yield Interval(row.user_id, row.state, row.started_at, row.ended_at)

    found = hours_by_day(intervals(), first=first, last=last, zone=zone, now=now)
    keys = sorted({(day, user) for user, _state, day in found}, key=lambda key: (key[0], people[key[1]].name, key[1]))
    return [
        Day(people[user], day, found.get((user, "on", day), 0.0), found.get((user, "away", day), 0.0))
        for day, user in keys
    ]


def hours_in(span: str, reader: User, now: datetime) -> list[Day]:
    """The last days of one of SPANS, today included, in the reader's zone."""
    zone = ZoneInfo(reader.timezone)
    last = now.astimezone(zone).date()
    return hours_between(last - timedelta(days=SPANS[span] - 1), last, zone=zone, now=now)


def by_person(days: list[Day]) -> list[dict[str, Any]]:
    """Sums over the span, the most hours first."""
    sums: dict[int, dict[str, Any]] = {}
    for one in days:
        row = sums.setdefault(one.user.pk, {"user": one.user, "on_s": 0.0, "away_s": 0.0, "days": 0})
        row["on_s"] += one.on_s
        row["away_s"] += one.away_s
        row["days"] += one.on_s > 0
    return sorted(sums.values(), key=lambda row: -row["on_s"])
