"""Somebody who leaves while they are called gets nothing more, and the next person is woken at their time."""

from aftercare.accounts.actions.people import deactivate_person
from tests.paging.night import Night


def test_nothing_goes_to_who_left(night: Night) -> None:
    world = night.world
    night.ringing.account("voice:aliyun")
    night.call(world.eng, after_s=120)
    night.page()
    night.wait(1)
    assert night.heard() == ["Lin text"]
    deactivate_person(user=world.eng, actor=world.ada, now=night.now)
    night.wait(301)
    assert night.heard() == ["Ada text"]
    night.wait(300)
    assert night.heard() == ["Ada text"]
