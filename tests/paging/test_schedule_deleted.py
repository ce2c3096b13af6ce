"""A step whose schedule is deleted under a page is passed at once, not waited for."""

from tests.paging.night import Night


def test_the_next_step_comes_at_its_time(night: Night) -> None:
    night.order(night.duty.primary, night.duty.backup, night.world.mei)
    night.page()
    night.wait(1)
    night.duty.backup.delete()
    night.wait(298)
    assert night.heard() == ["Lin text"]
    night.wait(2)
    assert night.heard() == ["Mei text"]
