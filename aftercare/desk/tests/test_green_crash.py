"""An emergency exists with its page, its clock and its words, or not at all; the next press makes one."""

from typing import Any

import pytest
from django.db import transaction

from aftercare.clocks.models import Clock
from aftercare.desk.actions import emergency as green
from aftercare.desk.models import Emergency, EmergencyCall, Message, Ticket, TicketEvent
from aftercare.notify.models import Delivery
from aftercare.oncall.models import Page
from tests.world import World

KEPT = (Emergency, EmergencyCall, Ticket, TicketEvent, Message, Page, Clock, Delivery)


class Killed(BaseException):
    """What no code of ours catches, as kill -9 is."""


def press(world: World) -> Emergency:
    return green.raise_emergency(
        customer=world.show, app=None, sentence="断流", caller=world.zhao, way="green", token="t", now=world.now
    )


@pytest.mark.parametrize(
    "step",
    ["open_ticket", "happened", "wake", "start_page", "tell_who_is_woken", "tell_ticket", "on_duty", "keep_call"],
)
@pytest.mark.parametrize("is_after", [False, True])
def test_killed_between_any_two_steps(world: World, monkeypatch: pytest.MonkeyPatch, step: str, is_after: bool) -> None:
    real = getattr(green, step)

    def dying(*args: Any, **kwargs: Any) -> Any:
        if is_after:
            real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(green, step, dying)
        with pytest.raises(Killed), transaction.atomic():
            press(world)
    assert [model.objects.count() for model in KEPT] == [0] * len(KEPT)
    press(world)
    press(world)
    counts = [model.objects.count() for model in (Emergency, EmergencyCall, Ticket, Page)]
    assert counts == [1, 1, 1, 1]
    assert Clock.objects.filter(kind="green_answer").count() == 1
