"""In London the night of the lost hour is an hour shorter, and the hand-over stays at nine by the clock."""

from tests.paging.night import Night
from tests.paging.wall_clock import hours_of_shifts, in_turn, woken_at

ZONE = "Europe/London"


def test_nine_is_nine_before_and_after(night: Night) -> None:
    in_turn(night, ZONE, "2027-03-26T09:00")
    assert woken_at(night, "2027-03-27T08:59:59") == ["Lin text"]
    assert woken_at(night, "2027-03-27T09:00:00") == ["Mei text"]
    assert woken_at(night, "2027-03-28T07:59:59") == ["Mei text"]
    assert woken_at(night, "2027-03-28T08:00:00") == ["Lin text"]
    assert hours_of_shifts(night, ZONE, "2027-03-26T09:00", 4) == [24, 23, 24, 24]
