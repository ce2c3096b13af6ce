"""Of two workers one is killed with -9 during a call: the other repeats that message, marked, and no other."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from aftercare.notify.models import ContactMethod, Delivery
from aftercare.notify.tests.receiver import Receiver
from aftercare.oncall.models import Page
from tests.paging.dying import Process, until
from tests.paging.night import Night


@pytest.fixture
def hooked(open_night: Night, receiver: Receiver) -> Iterator[Night]:
    """Lin and Ada are reached by webhook alone."""
    ContactMethod.objects.all().delete()
    for person in (open_night.world.eng, open_night.world.ada):
        open_night.duty.hook(person, f"{receiver.url}/{person.name}")
    yield open_night
    Page.objects.update(state="closed")


def test_the_other_goes_on(hooked: Night, receiver: Receiver) -> None:
    night, dying = hooked, Process()
    receiver.answer = receiver.hang
    night.page()
    dying.begin(night.now)
    until(lambda: bool(receiver.inbox))
    assert not receiver.take().body["data"]["repeat"]
    dying.kill()
    receiver.release.set()
    receiver.answer = lambda received: (204, {})
    night.wait(5)
    assert not receiver.inbox, "until its deadline the other may still be at it"
    night.now += timedelta(seconds=10)
    night.wait(1)
    message = receiver.take()
    assert message.path == "/hook/Lin" and message.body["data"]["repeat"]
    night.wait(290)
    assert receiver.take().path == "/hook/Ada"
    assert set(Delivery.objects.filter(channel="webhook").values_list("state", flat=True)) == {"sent"}
