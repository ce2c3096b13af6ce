"""What the promises of waking somebody share."""

from collections.abc import Iterator
from typing import Any

import pytest

from aftercare.notify.tests.receiver import receiver
from tests.paging.night import Night, night_in
from tests.world import World, make_world

__all__ = ["receiver"]


@pytest.fixture
def night(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    """The night, in this test's transaction."""
    with night_in(world, monkeypatch) as made:
        yield made


@pytest.fixture
def open_night(transactional_db: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    """The night in a database that others see, for several processes and for those that are killed."""
    with night_in(make_world(), monkeypatch) as made:
        yield made
