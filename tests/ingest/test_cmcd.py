"""CMCD lines and what a player's states add up to."""

import itertools
import random

import http_sf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftercare.ingest.cmcd import parse
from aftercare.ingest.playback import Playback, Sums, merge
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
