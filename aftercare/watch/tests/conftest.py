"""The stage of this room's tests, and the events it published."""

from collections.abc import Iterator
from typing import Any

import pytest

from aftercare.kernel import events
from aftercare.watch.events import AlertClosed, AlertOpened
from aftercare.watch.tests.beating import Beats
from aftercare.watch.tests.watching import Stage


@pytest.fixture
def stage(telemetry: Any, world: Any) -> Stage:
    """An evaluator over the real engines and the cast's apps, which have no monitors yet."""
    return Stage(telemetry, world.now)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The alerts' events in the order they were published; no other room hears them."""
    heard: list[Any] = []
    monkeypatch.setitem(events._handlers, AlertOpened, [heard.append])
    monkeypatch.setitem(events._handlers, AlertClosed, [heard.append])
    yield heard


@pytest.fixture
def beats(world: Any) -> Beats:
    """Heartbeats of the cast, at a whole minute."""
    return Beats(world)
