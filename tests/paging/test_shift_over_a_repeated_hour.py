"""An hour that comes twice is one long shift: nobody is relieved at its first reading and called back at its second."""

from tests.paging.night import Night
from tests.paging.wall_clock import hours_of_shifts, in_turn, woken_at

ZONE = "America/New_York"


def test_the_same_person_through_both_readings(night: Night) -> None:
    in_turn(night, ZONE, "2027-11-06T01:30")
    assert woken_at(night, "2027-11-07T05:29:59") == ["Lin text"]
    for instant in ("2027-11-07T05:30:00", "2027-11-07T06:15:00", "2027-11-07T06:30:00", "2027-11-08T06:29:59"):
        assert woken_at(night, instant) == ["Mei text"], instant
    assert woken_at(night, "2027-11-08T06:30:00") == ["Lin text"]
    assert hours_of_shifts(night, ZONE, "2027-11-06T01:30", 3) == [24, 25, 24]
