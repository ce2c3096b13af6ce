"""Who holds at every instant, beside a reckoning that looks at one instant and knows nothing of edges."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftercare.clocks.types import Day, Hours
from aftercare.kernel.wall_clock import instant_of
from aftercare.oncall.roster.proof import Fault, Limits, full_weeks, prove
from aftercare.oncall.roster.schedules import Change, Kind, Layer, People, Schedule, Stretch, stretches
from aftercare.oncall.roster.turns import Turns, Unit, start_of_turn, turns_between

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
LONDON, LORD_HOWE = ZoneInfo("Europe/London"), ZoneInfo("Australia/Lord_Howe")
HOUR = timedelta(hours=1)
EVENINGS = Hours("Asia/Shanghai", (((0, 8 * 3600), (20 * 3600, 86_400)),) * 7)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


MONDAY = local("2026-11-30T10:00")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(found: Sequence[Stretch]) -> list[tuple[str, str]]:
    return [(f"{one.starts_at:%m-%d %H:%M}", "+".join(one.people)) for one in found]


def test_it_works() -> None:
    weeks = Layer((("a",), ("b", "c")), MONDAY, name="weeks")
    nights = Layer((("n",),), MONDAY, Unit.DAY, hours=EVENINGS, name="nights")
    schedule = Schedule(SHANGHAI, (weeks, nights))
    found = stretches(schedule, utc("2026-12-06T22:00"), utc("2026-12-07T14:00"))
    assert told(found) == [("12-06 22:00", "n"), ("12-07 00:00", "a"), ("12-07 02:00", "b+c"), ("12-07 12:00", "n")]
    assert [one.by for one in found] == [("nights",), ("weeks",), ("weeks",), ("nights",)]


@pytest.mark.parametrize(
    ("change", "people"),
    [
        (Change(Kind.ADD, utc("2026-12-01T00:00"), utc("2026-12-02T00:00"), ("x", "a"), name="party"), "a+x"),
        (Change(Kind.REMOVE, utc("2026-12-01T00:00"), utc("2026-12-02T00:00"), ("a",), name="party"), "f"),
        (Change(Kind.REPLACE, utc("2026-12-01T00:00"), utc("2026-12-02T00:00"), swap={"a": "x"}, name="party"), "x"),
        (Change(Kind.INSTEAD, utc("2026-12-01T00:00"), utc("2026-12-02T00:00"), ("y", "z"), name="party"), "y+z"),
    ],
)
def test_changes(change: Change, people: str) -> None:
    schedule = Schedule(SHANGHAI, (Layer((("a",),), MONDAY, name="weeks"),), (change,), fallback=("f",))
    found = stretches(schedule, utc("2026-11-30T12:00"), utc("2026-12-03T00:00"))
    assert told(found) == [("11-30 12:00", "a"), ("12-01 00:00", people), ("12-02 00:00", "a")]
    assert found[1].by == ("weeks", "party") and found[1].is_fallback is (people == "f")


def test_a_later_change_sees_what_the_earlier_left() -> None:
    day = (utc("2026-12-01T00:00"), utc("2026-12-02T00:00"))
    swap = Change(Kind.REPLACE, *day, swap={"a": "b"}, name="first")
    back = Change(Kind.REPLACE, *day, swap={"b": "c"}, name="second")
    schedule = Schedule(SHANGHAI, (Layer((("a",),), MONDAY),), (swap, back))
    assert stretches(schedule, *day)[0].people == ("c",)


def test_what_nobody_holds_is_a_hole() -> None:
    layer = Layer((("a",), ()), MONDAY, ends=local("2026-12-21T10:00"))
    found = stretches(Schedule(SHANGHAI, (layer,)), utc("2026-11-29T00:00"), utc("2026-12-29T00:00"))
    assert told(found) == [
        ("11-29 00:00", ""),
        ("11-30 02:00", "a"),
        ("12-07 02:00", ""),
        ("12-14 02:00", "a"),
        ("12-21 02:00", ""),
    ]


@pytest.mark.parametrize(
    ("unit", "every", "starts", "begins"),
    [
        (Unit.MONTH, 1, local("2026-01-31T09:00"), ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        (Unit.MONTH, 3, local("2026-10-15T09:00"), ["2026-10-15", "2027-01-15", "2027-04-15", "2027-07-15"]),
        (Unit.WEEK, 2, local("2026-10-15T09:00"), ["2026-10-15", "2026-10-29", "2026-11-12", "2026-11-26"]),
        (Unit.DAY, 10, local("2026-12-25T09:00"), ["2026-12-25", "2027-01-04", "2027-01-14", "2027-01-24"]),
    ],
)
def test_turns_of_every_length(unit: Unit, every: int, starts: datetime, begins: list[str]) -> None:
    turns = Turns(SHANGHAI, starts, unit, every, 2)
    assert [f"{start_of_turn(turns, n):%Y-%m-%d}" for n in range(4)] == begins


def test_an_hour_that_is_skipped_is_nobodys_turn() -> None:
    turns = Turns(NEW_YORK, local("2026-03-08"), Unit.HOUR, 1, 24)
    found = list(turns_between(turns, utc("2026-03-08T05:00"), utc("2026-03-08T10:00")))
    assert [turn.place for turn in found] == [0, 1, 3, 4, 5]
    assert all(turn.ends_at - turn.starts_at == HOUR for turn in found)


def test_an_hour_that_comes_twice_is_one_turn() -> None:
    turns = Turns(NEW_YORK, local("2026-11-01"), Unit.HOUR, 1, 24)
    found = list(turns_between(turns, utc("2026-11-01T04:00"), utc("2026-11-01T08:00")))
    assert [(turn.place, (turn.ends_at - turn.starts_at) / HOUR) for turn in found] == [(0, 1), (1, 2), (2, 1)]


# --- every instant, by brute force ---
names = st.sampled_from("abcdef")
crews = st.lists(names, max_size=3, unique=True).map(tuple)
zones = st.sampled_from([SHANGHAI, NEW_YORK, LONDON, LORD_HOWE])
locals_ = st.datetimes(local("2026-01-01"), local("2026-12-01")).map(lambda at: at.replace(second=0, microsecond=0))
blocks = st.lists(st.integers(0, 24).map(lambda hour: hour * 3600), min_size=2, max_size=4, unique=True).map(
    lambda edges: tuple(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
)
instants = st.datetimes(local("2026-01-01"), local("2026-12-31")).map(lambda at: at.replace(tzinfo=UTC))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    zone = draw(zones)
    layers = [
        Layer(
            tuple(draw(st.lists(crews, min_size=1, max_size=4))),
            draw(locals_),
            draw(st.sampled_from(Unit)),
            draw(st.integers(1, 5)),
            draw(
                st.none()
                | st.tuples(*[blocks] * 7).map(lambda week: Hours(zone.key, week, {date(2026, 3, 8): Day(())}))
            ),
            draw(st.none() | locals_),
            f"layer {number}",
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    changes = []
    for number in range(draw(st.integers(0, 4))):
        starts_at = draw(instants)
        swap = draw(st.dictionaries(names, names, max_size=2))
        kind = draw(st.sampled_from(Kind))
        ends_at = starts_at + timedelta(minutes=draw(st.integers(1, 60 * 24 * 30)))
        changes.append(Change(kind, starts_at, ends_at, draw(crews), swap, f"change {number}"))
    return Schedule(zone, tuple(layers), tuple(changes), draw(crews))


def declared(schedule: Schedule, at: datetime) -> People:
    """Who holds at one instant: each layer asked by counting its turns from the first one."""
    people: People = ()
    for layer in schedule.layers:
        turn = turn_at(layer, schedule.zone, at)
        if turn is not None and is_open(layer, schedule.zone, at):
            people = layer.turns[turn % len(layer.turns)]
    for change in schedule.changes:
        if change.starts_at <= at < change.ends_at:
            if change.kind is Kind.INSTEAD:
                people = change.people
            elif change.kind is Kind.ADD:
                people = tuple(dict.fromkeys([*people, *change.people]))
            elif change.kind is Kind.REMOVE:
                people = tuple(one for one in people if one not in change.people)
            else:
                people = tuple(dict.fromkeys(change.swap.get(one, one) for one in people))
    return people or schedule.fallback


def turn_at(layer: Layer, zone: ZoneInfo, at: datetime) -> int | None:
    """The number of the turn, by bisection over their beginnings."""
    turns = Turns(zone, layer.starts, layer.unit, layer.every, len(layer.turns))
    if at < start_of_turn(turns, 0) or (layer.ends and at >= instant_of(layer.ends, zone)):
        return None
    low, high = 0, 10_000 if layer.unit is Unit.HOUR else 400
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if start_of_turn(turns, middle) <= at else (low, middle)
    return low


def is_open(layer: Layer, zone: ZoneInfo, at: datetime) -> bool:
    """By the wall clock's face; the second reading of a repeated hour counts as the first."""
    if layer.hours is None:
        return True
    local = at.astimezone(zone)
    second = local.hour * 3600 + local.minute * 60 + local.second
    return any(start <= second < end for start, end in layer.hours.day(local.date()).blocks)


@settings(max_examples=200, deadline=None)
@given(
    schedule=schedules(),
    start=instants,
    minutes=st.integers(1, 60 * 24 * 60),
    shares=st.lists(st.floats(0, 1), max_size=8),
)
def test_at_every_instant_exactly_the_declared_people(
    schedule: Schedule, start: datetime, minutes: int, shares: list[float]
) -> None:
    end = start + timedelta(minutes=minutes)
    found = stretches(schedule, start, end)
    assert found[0].starts_at == start and found[-1].ends_at == end
    assert all(before.ends_at == after.starts_at for before, after in pairwise(found))
    assert all(one.starts_at < one.ends_at for one in found)
    looked_at = [one.starts_at for one in found[:20]] + [start + (end - start) * share * 0.999 for share in shares]
    for at in looked_at:
        (holds,) = [one for one in found if one.starts_at <= at < one.ends_at]
        assert holds.people == declared(schedule, at), at


# --- proof ---
@settings(max_examples=150, deadline=None)
@given(edges=st.lists(st.integers(0, 24 * 40), min_size=2, max_size=16, unique=True), most=st.integers(1, 167))
def test_a_full_week_is_found_wherever_it_lies(edges: list[int], most: int) -> None:
    first = utc("2026-03-01T00:00")
    hours = sorted(edges)
    spans = [(first + HOUR * a, first + HOUR * b) for a, b in zip(hours[::2], hours[1::2], strict=False)]
    on = {hour for a, b in zip(hours[::2], hours[1::2], strict=False) for hour in range(a, b)}
    windows = {at: sum(hour in on for hour in range(at, at + 168)) for at in range(-168, 24 * 41)}
    told = full_weeks(spans, HOUR * most)
    assert bool(told) == (max(windows.values()) > most)
    assert all(held == HOUR * windows[(at - first) // HOUR] for at, held in told)
    assert all(after[0] - before[0] >= HOUR * 168 for before, after in pairwise(told))
    if told:
        assert max(held for _at, held in told) == HOUR * max(windows.values())


def test_proof_tells_holes_as_one_and_people_over_all_schedules() -> None:
    days = Hours("Asia/Shanghai", (((8 * 3600, 20 * 3600),),) * 7)
    first = Schedule(SHANGHAI, (Layer((("a",),), MONDAY, hours=days),), name="days")
    nights = Hours("Asia/Shanghai", (((0, 8 * 3600), (20 * 3600, 86_400)),) * 7)
    second = Schedule(SHANGHAI, (Layer((("a",), ()), MONDAY, Unit.DAY, hours=nights),), fallback=("f",), name="nights")
    start, end = utc("2026-11-30T02:00"), utc("2026-12-02T02:00")
    limits = Limits(longest=timedelta(hours=20), most_in_week=timedelta(days=3))
    found = prove({one.name: stretches(one, start, end) for one in (first, second)}, limits)
    told = [(one.fault, one.schedule or one.person, one.length / HOUR) for one in found]
    assert told == [
        (Fault.GAP, "days", 12),
        (Fault.GAP, "days", 12),
        (Fault.FALLBACK, "nights", 10),
        (Fault.FALLBACK, "nights", 26),
        (Fault.TOO_LONG, "a", 34),
        (Fault.TOO_LONG, "f", 26),
    ]
