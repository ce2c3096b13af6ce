"""A step with nobody on it is passed at once: nobody waits for nobody."""

from aftercare.oncall.tests.cast import empty
from tests.paging.night import Night


def test_the_next_is_woken_in_the_same_second(night: Night) -> None:
    empty(night.duty.primary)
    night.page()
    night.work()
    assert night.heard() == ["Ada text"]
