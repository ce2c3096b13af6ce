"""On Lord Howe clocks go forward by half an hour: that night is half an hour shorter, the hand-over stays at nine."""

from tests.paging.night import Night
from tests.paging.wall_clock import hours_of_shifts, in_turn, woken_at

ZONE = "Australia/Lord_Howe"


def test_nine_is_nine_before_and_after(night: Night) -> None:
    in_turn(night, ZONE, "2027-10-01T09:00")
    assert woken_at(night, "2027-10-01T22:29:59") == ["Lin text"]
    assert woken_at(night, "2027-10-01T22:30:00") == ["Mei text"]
    assert woken_at(night, "2027-10-02T21:59:59") == ["Mei text"]
    assert woken_at(night, "2027-10-02T22:00:00") == ["Lin text"]
    assert hours_of_shifts(night, ZONE, "2027-10-01T09:00", 4) == [24, 23.5, 24, 24]
