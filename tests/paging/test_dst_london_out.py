"""In London the night of the repeated hour is an hour longer, and the hand-over stays at nine by the clock."""

from tests.paging.night import Night
from tests.paging.wall_clock import hours_of_shifts, in_turn, woken_at

ZONE = "Europe/London"


def test_nine_is_nine_before_and_after(night: Night) -> None:
    in_turn(night, ZONE, "2027-10-29T09:00")
    assert woken_at(night, "2027-10-30T07:59:59") == ["Lin text"]
    assert woken_at(night, "2027-10-30T08:00:00") == ["Mei text"]
    assert woken_at(night, "2027-10-31T08:59:59") == ["Mei text"]
    assert woken_at(night, "2027-10-31T09:00:00") == ["Lin text"]
    assert hours_of_shifts(night, ZONE, "2027-10-29T09:00", 4) == [24, 25, 24, 24]
