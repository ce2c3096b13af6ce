"""What was sent is forgotten after a quarter, a slice at a time."""

from datetime import timedelta

import pytest

from aftercare.notify import actions
from aftercare.notify.engine import history
from aftercare.notify.engine.history import KEEP, forget_old_deliveries
from aftercare.notify.models import Delivery
from tests.world import World

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def a_fresh_process() -> None:
    history._last.clear()


def sent(world: World, state: str = "sent", title: str = "x") -> Delivery:
    row = actions.send(user=world.eng, channel="push", kind="x", subject_ref="x", title=title, now=world.now)
    Delivery.objects.filter(pk=row.pk).update(state=state)
    return row


def test_it_works(world: World) -> None:
    for state in ("sent", "failed", "dropped", "pending", "sending"):
        sent(world, state)
    assert forget_old_deliveries(world.now + KEEP) == 0
    assert forget_old_deliveries(world.now + KEEP + DAY) == 3
    assert set(Delivery.objects.values_list("state", flat=True)) == {"pending", "sending"}


def test_a_slice_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SLICE", 2)
    for n in range(5):
        sent(world, title=f"Nr {n}")
    now = world.now + KEEP + DAY
    assert [forget_old_deliveries(now + timedelta(minutes=n)) for n in range(4)] == [2, 2, 1, 0]
    assert forget_old_deliveries(now + timedelta(minutes=3, seconds=5)) == 0
