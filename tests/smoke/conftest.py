"""What the promises share: an evening over real engines, and a webhook that receives."""

from typing import Any

import pytest

from aftercare.notify.tests.receiver import Receiver, receiver
from tests.smoke.evening import Evening
from tests.world import World

__all__ = ["evening", "receiver"]


@pytest.fixture
def evening(world: World, telemetry: Any, receiver: Receiver) -> Evening:
    """The evening, healthy so far."""
    return Evening(world, telemetry, receiver.url)
