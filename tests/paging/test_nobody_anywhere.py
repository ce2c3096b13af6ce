"""With nobody on any step everyone who manages the on-call is told, again and again until one of them has it."""

from aftercare.oncall.tests.cast import empty
from tests.paging.night import Night


def test_an_open_page_never_goes_quiet(night: Night) -> None:
    empty(night.duty.primary)
    empty(night.duty.backup)
    page = night.page()
    for _again in range(4):
        night.wait(1)
        assert sorted(night.heard()) == ["Ada text", "Mei text"]
        night.silence(298)
        night.wait(1)
    assert sorted(night.heard()) == ["Ada text", "Mei text"]
    night.take(page, "mei")
    night.silence(7200)
