"""When all steps and repeats are over and nobody came, everyone who manages the on-call is told."""

from tests.paging.night import Night


def test_the_managers_come_last(night: Night) -> None:
    night.order(night.world.eng, repeat=1)
    night.page()
    night.wait(299)
    assert night.heard() == ["Lin text"]
    night.wait(300)
    assert night.heard() == ["Lin text"]
    night.wait(300)
    assert sorted(night.heard()) == ["Ada text", "Mei text"]
