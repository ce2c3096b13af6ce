"""A shift at 02:30 begins at 03:00 on the day that has no 02:30, and at 02:30 again the next day."""

from tests.paging.night import Night
from tests.paging.wall_clock import hours_of_shifts, in_turn, woken_at

ZONE = "America/New_York"


def test_it_begins_at_the_first_instant_after_the_gap(night: Night) -> None:
    in_turn(night, ZONE, "2027-03-13T02:30")
    assert woken_at(night, "2027-03-14T06:59:59") == ["Lin text"]
    assert woken_at(night, "2027-03-14T07:00:00") == ["Mei text"], "02:00 and 03:00 are one instant"
    assert woken_at(night, "2027-03-15T06:29:59") == ["Mei text"]
    assert woken_at(night, "2027-03-15T06:30:00") == ["Lin text"]
    assert hours_of_shifts(night, ZONE, "2027-03-13T02:30", 3) == [23.5, 23.5, 24]
