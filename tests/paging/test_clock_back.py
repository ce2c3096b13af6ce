"""A clock that is set back by an hour makes nobody wait that hour: the page goes on at its pace, without a burst."""

from datetime import timedelta

from tests.paging.night import Night, fresh

HOUR = timedelta(hours=1)


def test_the_next_person_does_not_wait_an_hour(night: Night) -> None:
    night.order(night.world.eng, night.world.ada, night.world.mei)
    page = night.page()
    night.wait(10)
    assert night.heard() == ["Lin text"]
    night.now -= HOUR
    night.wait(301)
    assert night.heard() == ["Ada text"]
    night.silence(290)
    night.wait(20)
    assert night.heard() == ["Mei text"]
    assert fresh(page).state == "open"


def test_a_message_on_its_way_does_not_wait_either(night: Night) -> None:
    page = night.page()
    night.now -= HOUR
    night.wait(1)
    assert night.heard() == ["Lin text"]
    night.take(page)
