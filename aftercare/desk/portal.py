"""What the ticket's page shows beside the words: its clocks, what will happen by itself, ratings, calls, followers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.clocks.models import GOING, Clock, ClockState
from aftercare.clocks.queries import clocks_about, clocks_going, explained
from aftercare.clocks.types import ALWAYS, Segment
from aftercare.desk import life, promises
from aftercare.desk.forms import form_of
from aftercare.desk.kinds import answers_of, kind_label
from aftercare.desk.merged_clocks import MERGED
from aftercare.desk.models import CallResult, Following, Status, Ticket
from aftercare.desk.ratings import why_not
from aftercare.web.render.times import duration

HOUR_S = 3600


@dataclass(frozen=True)
class ShownClock:
    """One clock as both sides see it: the same row, the same words."""

    label: str
    clock: Clock
    spent_s: float
    segments: list[Segment]
    reason: str  # why it stands, where it does, or why it was cancelled

    @property
    def is_running(self) -> bool:
        """Whether something is left to keep."""
        return self.clock.state == ClockState.RUNNING

    @property
    def is_paused(self) -> bool:
        """Whether it stands."""
        return self.clock.state == ClockState.PAUSED

    @property
    def is_cancelled(self) -> bool:
        """Whether nothing was owed any more before it was kept or broken."""
        return self.clock.state == ClockState.CANCELLED and self.clock.breached_at is None

    @property
    def target_s(self) -> int:
        """What was promised, in open seconds."""
        target: int = self.clock.policy["target_s"]
        return target

    @property
    def left_s(self) -> float:
        """What is left of the target in open seconds; negative where it is overdue."""
        return self.target_s - self.spent_s

    @property
    def counts_always(self) -> bool:
        """Whether it runs around the clock."""
        return self.clock.held_to().hours == ALWAYS

    def in_words(self, seconds: float) -> str:
        """A span of the clock's own time: a business day has no 24 hours, so opening hours are never told as days."""
        whole = max(0, round(seconds))
        if self.counts_always or whole < HOUR_S:
            return duration(whole)
        hours, rest = divmod(whole, HOUR_S)
        minutes = rest // 60
        told = _("{n} opening hours").format(n=hours)
        return f"{told} {duration(minutes * 60)}" if minutes else told

    @property
    def target(self) -> str:
        """What was promised."""
        return self.in_words(self.target_s)

    @property
    def spent(self) -> str:
        """What is used of it."""
        return self.in_words(self.spent_s)

    @property
    def left(self) -> str:
        """What is left of it."""
        return self.in_words(self.left_s)


def shown_clocks(ticket: Ticket, now: datetime) -> list[ShownClock]:
    """The ticket's clocks: those that go, the next due first, then the newest end of each other kind."""
    about = [clock for clock in clocks_about(ticket.ref) if clock.kind in promises.KINDS]
    newest: dict[str, Clock] = {}
    for clock in sorted(about, key=lambda clock: (clock.state not in GOING, -clock.pk)):
        if clock.state != ClockState.CANCELLED or clock.breached_at or clock.end_reason == MERGED:
            newest.setdefault(clock.kind, clock)
    going = sorted(newest.values(), key=order_of)
    return [shown(clock, now) for clock in going]


def order_of(clock: Clock) -> tuple[int, float, int]:
    """Running by due time, then paused, then ended in the order of the promises."""
    kind = promises.KINDS.index(clock.kind)
    if clock.state == ClockState.RUNNING and clock.due_at:
        return 0, clock.due_at.timestamp(), kind
    return (1, 0, kind) if clock.state == ClockState.PAUSED else (2, 0, kind)


def shown(clock: Clock, now: datetime) -> ShownClock:
    """A clock with its reckoning."""
    spent_s, segments = explained(clock, now)
    reason = clock.pauses[-1][2] if clock.state == ClockState.PAUSED else clock.end_reason
    reason = gettext(reason) if reason else ""
    return ShownClock(promises.label_of(clock), clock, spent_s, segments, reason)


def next_clocks(refs: Iterable[str]) -> dict[str, Clock]:
    """For each ticket the going clock that is due first; one that stands only where none runs."""
    found: dict[str, Clock] = {}
    for clock in clocks_going(refs).filter(kind__in=promises.KINDS).defer("policy"):
        before = found.get(clock.subject_ref)
        if before is None or (before.due_at is None and clock.due_at is not None):
            found[clock.subject_ref] = clock
    return found


def next_running(clocks: Iterable[ShownClock]) -> ShownClock | None:
    """The one to keep next."""
    return next((clock for clock in clocks if clock.is_running), None)


def portal_context(user: User, ticket: Ticket, now: datetime) -> dict[str, Any]:
    """The parts of the page that belong to a ticket's life."""
    rating = ticket.ratings.select_related("rated_by").first()
    may_rate = can(user, "reply_to_tickets") and not user.is_provider and rating is not None
    clocks = shown_clocks(ticket, now)
    return {
        "clocks": clocks,
        "next_clock": next_running(clocks),
        "kind_label": kind_label(ticket.kind),
        "answers": answers_of(ticket.fields),
        "follows": ticket.follows if ticket.follows_id else None,
        "is_following": follows_of(user, ticket),
        "rating": rating,
        "rating_form": form_of(rating) if rating and may_rate and not why_not(rating, now) else None,
        "closing_at": life.closing_at(ticket) if ticket.status == Status.SOLVED else None,
        "calls": ticket.call_backs.select_related("owner") if user.is_provider else [],
        "call_results": CallResult.choices,
        "unsent_files": [],
        "file_limit": settings.FILE_MAX_BYTES,
        "now": now,
    }


def follows_of(user: User, ticket: Ticket) -> bool | None:
    """The reader's own word on following; None where they gave none."""
    return Following.objects.filter(user=user, ticket=ticket).values_list("follows", flat=True).first()
