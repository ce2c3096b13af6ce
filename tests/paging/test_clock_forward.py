"""A clock that leaps an hour ahead makes no burst, and what was to come comes."""

from datetime import timedelta

from tests.paging.night import Night

HOUR = timedelta(hours=1)


def test_one_step_and_its_whole_wait(night: Night) -> None:
    night.order(night.world.eng, night.world.ada, night.world.mei)
    night.page()
    night.wait(10)
    assert night.heard() == ["Lin text"]
    night.now += HOUR
    night.wait(1)
    assert night.heard() == ["Ada text"]
    night.silence(295)
    night.wait(10)
    assert night.heard() == ["Mei text"]
