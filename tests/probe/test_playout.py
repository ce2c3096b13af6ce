"""The model of a player, by table: arrivals as (wall s, media s), and what a viewer would have seen."""

import pytest

from aftercare.probe.playout import Playout

# In step: media comes as fast as it plays.
STEADY = [(i / 10, i / 10) for i in range(101)]
# The same in bursts of 2 s, as HLS gives it.
BURSTS = [(max(i // 20 * 2 - 1.0, 0.0), i / 10) for i in range(101)]
SLOW_START = [(i / 10 + 3, i / 10) for i in range(51)]
# Nothing for 3 s after 4 s of media, then everything at once.
GAP = [(i / 10, i / 10) for i in range(41)] + [(7.0, 4 + i / 10) for i in range(1, 41)]
# Half as fast as it plays: 2 s to fill the buffer, 2 s to empty it, 2 s to fill it again.
HALF = [(i / 4, i / 8) for i in range(41)]


@pytest.mark.parametrize(
    ("arrivals", "until_s", "play_s", "stall_s", "stalls"),
    [
        (STEADY, 10.0, 9.0, 0.0, 0),  # the first second fills the buffer
        (BURSTS, 9.9, 9.9, 0.0, 0),
        (SLOW_START, 8.0, 4.0, 0.0, 0),  # waiting for the start is no stall
        (GAP, 10.0, 7.0, 2.0, 1),  # 1 s of buffer plays on at 4 s, then nothing until 7 s
        (HALF, 9.5, 4.0, 3.5, 2),
        ([(0.0, 0.0), (0.1, 0.5)], 5.0, 0.0, 0.0, 0),  # never enough to begin
        ([], 5.0, 0.0, 0.0, 0),
    ],
)
def test_it_works(arrivals, until_s, play_s, stall_s, stalls) -> None:
    playout = Playout()
    for at_s, media_s in arrivals:
        playout.arrive(at_s, media_s)
    playout.advance(until_s)
    assert playout.play_s == pytest.approx(play_s, abs=0.25)
    assert playout.stall_s == pytest.approx(stall_s, abs=0.25)
    assert playout.stalls == stalls


def test_a_jump_of_the_timestamps_is_neither_media_nor_a_stall() -> None:
    playout = Playout()
    for i in range(50):
        playout.arrive(i / 10, i / 10 + (1000 if i >= 25 else 0))
    playout.advance(4.9)
    assert playout.stalls == 0 and playout.play_s == pytest.approx(3.9, abs=0.2)
    assert playout.ahead_s < 1.5


def test_packets_out_of_order_add_nothing() -> None:
    playout = Playout()
    for at_s, media_s in [(0.0, 0.0), (0.0, 2.0), (0.1, 1.5), (0.1, 1.9), (0.1, 2.0)]:
        playout.arrive(at_s, media_s)
    assert playout.ahead_s == pytest.approx(1.9)


def test_the_end_of_a_recording_is_no_stall() -> None:
    playout = Playout()
    playout.arrive(0.0, 0.0)
    playout.arrive(0.0, 3.0)
    playout.end(10.0)
    assert (playout.stalls, playout.stall_s) == (0, 0.0) and playout.play_s == pytest.approx(3.0)
    still = Playout()
    still.arrive(0.0, 0.0)
    still.arrive(0.0, 3.0)
    still.advance(10.0)
    assert still.stalls == 1 and still.stall_s == pytest.approx(7.0)
