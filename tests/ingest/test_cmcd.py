"""CMCD lines and what a player's states add up to."""

import itertools
import random
from collections import Counter

import http_sf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftercare.ingest.cmcd import parse
from aftercare.ingest.playback import Playback, Sums, merge
from aftercare.ingest.states import Point, Request
from aftercare.kernel.errors import Refused
from tests.ingest.test_captures import CAPTURES, bodies


def test_it_works() -> None:
    found = parse('bl=(4600),br=(800;v 64;a),ec=("a\\"b"),su,pr=1.5,bg=?0,e=ps,sid="x-1",sta=r,v=2')
    assert found == {
        "bl": [4600],
        "br": [800, 64],
        "ec": ['a"b'],
        "su": True,
        "pr": 1.5,
        "bg": False,
        "e": "ps",
        "sid": "x-1",
        "sta": "r",
        "v": 2,
    }


def test_reads_captured_lines_as_a_general_parser_does() -> None:
    lines = [line for path in CAPTURES for text in bodies(path, 0) for line in text.splitlines()]
    assert len(lines) > 70
    for line in lines:
        theirs = http_sf.parse(line.encode(), tltype="dictionary")
        ours = parse(line)
        assert list(ours) == list(theirs)
        for key, (value, _) in theirs.items():
            plain = [item for item, _ in value] if isinstance(value, list) else value
            assert str(ours[key]) == str(plain), (key, line)


@pytest.mark.parametrize(
    "line", ["", "   ", "not cmcd at all", 'sid="open', "a=1,,b=2", "a=(1", "A=1", "a=1,", "é=1", "a=\x00"]
)
def test_rejects(line: str) -> None:
    with pytest.raises(Refused):
        parse(line)


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(line: str) -> None:
    try:
        parse(line)
    except Refused as refused:
        assert refused.sentence


POINTS = [(0, 0, "d"), (50, 1, "s"), (700, 2, "p"), (5000, 3, ""), (6000, 4, "r"), (9500, 5, "p"), (12000, 6, "e")]


def total(points: list[tuple[int, int, str]]) -> tuple[int, int, int, int, list[tuple[str, int, int]]]:
    """The sums of all changes, and the happenings that stand at the end."""
    playback, sums = Playback(), Sums()
    standing: list[tuple[str, int, int]] = []
    for point in points:
        change = playback.add(point)
        merge(sums, change)
        for name, at, elapsed in change.happenings:
            if name.startswith("-"):
                standing.remove((name[1:], at, elapsed))
            else:
                standing.append((name, at, elapsed))
    return sums.interval_ms, sums.play_ms, sums.stall_ms, sums.stall_count, sorted(standing)


def test_states_add_up() -> None:
    happened = [("first_frame", 700, 650), ("leave", 12000, 0)]
    assert total(POINTS) == (12000, 5300 + 2500, 3500, 1, happened)


def test_any_order_adds_up_to_the_same() -> None:
    expected = total(POINTS)
    for order in itertools.permutations(POINTS):
        assert total(list(order)) == expected


def test_a_late_report_corrects_a_long_session_too() -> None:
    points = [(i * 1000, i, "p" if i % 7 else "r") for i in range(1, 60)]
    shuffled = points[:]
    random.Random(3).shuffle(shuffled)
    assert total(shuffled) == total(points)


def test_a_jump_to_the_live_edge_goes_on_being_the_stall() -> None:
    assert total([(0, 0, "s"), (100, 1, "p"), (500, 2, "r"), (900, 3, "k"), (1500, 4, "p")])[1:4] == (400, 1000, 1)
    assert total([(0, 0, "p"), (500, 1, "k"), (900, 2, "p")])[1:4] == (500, 0, 0)


def test_silence_is_not_counted() -> None:
    assert total([(0, 0, "p"), (1000, 1, "p"), (500_000, 2, "p"), (501_000, 3, "p")])[:2] == (2000, 2000)


def test_an_error_before_the_first_frame_is_a_failed_start_once() -> None:
    assert total([(0, 0, "s"), (10, 1, "f"), (20, 2, "s"), (30, 3, "f")])[4] == [("start_failed", 10, 0)]


def test_leaving_before_the_first_frame_is_counted_apart() -> None:
    assert total([(0, 0, "s"), (900, 1, "q")])[4] == [("leave", 900, 0), ("start_left", 900, 900)]
    assert total([(0, 0, "d"), (9000, 1, "q")])[4] == [("leave", 9000, 0), ("start_left", 9000, 0)]
    assert total([(0, 0, "d"), (9000, 1, "s"), (9500, 2, "q")])[4] == [("leave", 9500, 0), ("start_left", 9500, 500)]
    assert total([(0, 0, "a"), (9000, 1, "q")])[4] == [("leave", 9000, 0), ("start_left", 9000, 0)]


def request(at: int, number: int, state: str, kind: str = "v", **told: int | bool) -> Point:
    """A point that a request tells."""
    return at, number, state, Request(kind, **told)  # type: ignore[arg-type]


def test_a_stall_that_requests_tell_of_is_one() -> None:
    playing = [request(0, 0, "s"), request(1000, 1, "p")]
    told_twice = [request(9000, 2, "p", starved=True), request(9100, 3, "p", "a", starved=True)]
    assert total([*playing, *told_twice])[2:4] == (0, 1)
    assert total([*playing, *told_twice, request(9200, 4, "p"), request(9900, 5, "p", starved=True)])[3] == 2
    # A state that was seen, and the flag of the next request, are the same stall.
    seen = [request(4000, 2, "r", "m"), request(6000, 3, "p", starved=True)]
    assert total([*playing, *seen])[1:4] == (3000, 2000, 1)
    # Two flags of the same kind of object are two stalls.
    assert total([*playing, request(5000, 2, "p", starved=True), request(9000, 3, "p", starved=True)])[3] == 2


def test_the_length_of_a_stall_is_what_the_player_tells() -> None:
    playing = [request(0, 0, "s"), request(1000, 1, "p")]
    assert total([*playing, request(5000, 2, "p", starved=True, starved_ms=1500)])[:4] == (5000, 2500, 1500, 1)
    grown = [request(5000, 2, "p", starved=True, starved_total_ms=700)]
    assert total([*playing, *grown, request(9000, 3, "p", starved=True, starved_total_ms=900)])[1:4] == (7100, 900, 2)
    # No stall is longer than the time in which it was.
    assert total([*playing, request(2000, 2, "p", starved=True, starved_ms=60_000)])[:4] == (2000, 0, 1000, 1)


def test_a_request_does_not_tell_when_the_first_frame_came() -> None:
    assert total([request(0, 0, "s"), request(1500, 1, "p")])[4] == [("first_frame", 1500, 0)]
    assert total([request(0, 0, "s"), request(1500, 1, "p", start_ms=600)])[4] == [("first_frame", 1500, 600)]
    assert total([request(0, 0, "s", start_ms=3), request(1500, 1, "p")])[4] == [("first_frame", 1500, 0)]


def test_what_a_player_tells_itself_stands_alone() -> None:
    requests = [request(at * 1000, at, "sppprpppp"[at]) for at in range(9)]
    for order in ([*requests, *POINTS], [*POINTS, *requests], [*requests[:4], *POINTS, *requests[4:]]):
        assert total(order) == total(POINTS)
    # Reports without a state say nothing of their own: they go with what the requests tell.
    assert total([*requests, (2500, 0, "")]) == total(requests)


def test_two_leaves_at_one_moment_are_two_in_any_order() -> None:
    assert total([(5, 1, "q"), (5, 0, "e")]) == total([(5, 0, "e"), (5, 1, "q")])


MOMENTS = st.one_of(
    st.tuples(st.integers(0, 9000), st.integers(0, 3), st.sampled_from(["", *"spkraefqd"])),
    st.builds(
        request,
        st.integers(0, 9000),
        st.integers(0, 3),
        st.sampled_from(["", *"sprad"]),
        st.sampled_from(("m", "v", "a")),
        starved=st.booleans(),
        starved_ms=st.sampled_from((0, 300)),
        start_ms=st.sampled_from((0, 0, 50)),
    ),
)


@given(points=st.lists(MOMENTS, max_size=40, unique=True), cuts=st.lists(st.integers(0, 40)), chance=st.randoms())
@settings(max_examples=300, deadline=None)
def test_any_order_and_split_of_both_kinds_is_the_same(
    points: list[Point], cuts: list[int], chance: random.Random
) -> None:
    shuffled = points[:]
    chance.shuffle(shuffled)
    playback, sums, standing = Playback(), Sums(), Counter[tuple[str, int, int]]()
    bounds = sorted({0, len(points), *(cut for cut in cuts if cut < len(points))})
    for begin, end in itertools.pairwise(bounds):
        for change in playback.add_all(sorted(shuffled[begin:end])):
            merge(sums, change)
            for name, at, elapsed in change.happenings:
                standing[name.lstrip("-"), at, elapsed] += -1 if name.startswith("-") else 1
    told = sums.interval_ms, sums.play_ms, sums.stall_ms, sums.stall_count, sorted(standing.elements())
    assert told == total(sorted(points)) and min(standing.values(), default=0) >= 0
