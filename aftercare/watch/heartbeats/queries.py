"""Heartbeats as pages and the API show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from aftercare.accounts.access import Visitor
from aftercare.watch.heartbeats.access import heartbeats_for
from aftercare.watch.heartbeats.judging import next_expected
from aftercare.watch.models import (
    Heartbeat,
    HeartbeatChange,
    HeartbeatPing,
    HeartbeatState,
    HeartbeatStatus,
    PingKind,
)

# What a reader must see first: trouble, then what may become one, then what nothing can be said of.
RANKS = (
    HeartbeatStatus.DOWN,
    HeartbeatStatus.LATE,
    HeartbeatStatus.NEW,
    HeartbeatStatus.UP,
    HeartbeatStatus.PAUSED,
)
OWN = "own"


@dataclass(frozen=True)
class HeartbeatFilter:
    """What a list is narrowed to; empty means all. `customer` is a ref, or OWN for the provider's own."""

    customer: str = ""
    status: str = ""
    words: str = ""


@dataclass(frozen=True)
class Row:
    """A heartbeat with where it stands and when it is expected next."""

    heartbeat: Heartbeat
    state: HeartbeatState
    expected_at: datetime | None


@dataclass(frozen=True)
class Bar:
    """A run in the strip, in percent of the whole: the longest run is as high as it."""

    x: float
    top: float
    width: float
    height: float
    failed: bool
    took_s: float


def list_heartbeats(user: Visitor, wanted: HeartbeatFilter) -> QuerySet[Heartbeat]:
    """The heartbeats a person may see, the worst first."""
    found = heartbeats_for(user)
    if wanted.customer:
        found = found.filter(customer=None) if wanted.customer == OWN else found.filter(customer__ref=wanted.customer)
    if wanted.status:
        found = found.filter(state__status=wanted.status)
    if wanted.words:
        fields = ("name", "customer__name", "customer__name_zh", "app__name", "app__name_zh")
        said = Q()
        for field in fields:
            said |= Q(**{f"{field}__icontains": wanted.words})
        found = found.filter(said)
    ranks = [When(state__status=status, then=Value(rank)) for rank, status in enumerate(RANKS)]
    rank = Case(*ranks, default=Value(len(RANKS)), output_field=IntegerField())
    return found.annotate(rank=rank).order_by("rank", "customer__name", "app__name", "name", "pk")


def count_by_status(user: Visitor) -> dict[str, int]:
    """How many of a person's heartbeats stand where, in the order of RANKS."""
    counts = heartbeats_for(user).order_by().values_list("state__status").annotate(n=Count("pk"))
    told = dict(counts)
    return {status: told.get(status, 0) for status in RANKS}


def rows_of(heartbeats: Iterable[Heartbeat]) -> list[Row]:
    """Each with its state, and when it is expected next."""
    return [Row(one, one.state, next_expected(one, one.state)) for one in heartbeats]


def list_pings(heartbeat: Heartbeat) -> QuerySet[HeartbeatPing]:
    """What is kept of its pings, newest first."""
    return HeartbeatPing.objects.filter(heartbeat=heartbeat).order_by("-number")


def list_changes(heartbeat: Heartbeat) -> QuerySet[HeartbeatChange]:
    """The history of where it stood, newest first."""
    return HeartbeatChange.objects.filter(heartbeat=heartbeat).order_by("-at", "-pk")


def strip_of(pings: Sequence[HeartbeatPing]) -> list[Bar]:
    """The ends of runs whose time is known, oldest first; none where fewer than two are."""
    ends = [one for one in reversed(pings) if one.kind in (PingKind.OK, PingKind.FAIL) and one.took_s is not None]
    if len(ends) < 2:
        return []
    longest = max(max(one.took_s or 0 for one in ends), 0.001)
    room = 100 / max(len(ends), 20)
    heights = [max((one.took_s or 0) * 100 / longest, 4) for one in ends]
    return [
        Bar(place * room, 100 - height, room * 0.8, height, one.kind == PingKind.FAIL, one.took_s or 0)
        for place, (one, height) in enumerate(zip(ends, heights, strict=True))
    ]
