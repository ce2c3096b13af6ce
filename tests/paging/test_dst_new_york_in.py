"""In New York the night of the lost hour is an hour shorter, and the hand-over stays at nine by the clock."""

from tests.paging.night import Night
from tests.paging.wall_clock import hours_of_shifts, in_turn, woken_at

ZONE = "America/New_York"


def test_nine_is_nine_before_and_after(night: Night) -> None:
    in_turn(night, ZONE, "2027-03-12T09:00")
    assert woken_at(night, "2027-03-13T13:59:59") == ["Lin text"]
    assert woken_at(night, "2027-03-13T14:00:00") == ["Mei text"]
    assert woken_at(night, "2027-03-14T12:59:59") == ["Mei text"]
    assert woken_at(night, "2027-03-14T13:00:00") == ["Lin text"], "09:00 is 13:00 UTC from that night on"
    assert hours_of_shifts(night, ZONE, "2027-03-12T09:00", 4) == [24, 23, 24, 24]
