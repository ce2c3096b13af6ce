"""What the promises about trouble share."""

from typing import Any

import pytest

from aftercare.notify.tests.receiver import receiver
from tests.incidents.noisy import Noise
from tests.incidents.outage import Outage, outage_in
from tests.paging.conftest import night, open_night
from tests.paging.night import Night
from tests.world import World

__all__ = ["night", "night_of_outage", "noise", "open_night", "outage", "receiver"]


@pytest.fixture
def outage(world: World, telemetry: Any) -> Outage:
    """Twelve customers over three edges, in this test's transaction."""
    return outage_in(world, telemetry, world.now)


@pytest.fixture
def night_of_outage(night: Night, telemetry: Any) -> Outage:
    """The same in a night where people are woken; today's, since the finest figures are kept for days only."""
    made = outage_in(night.world, telemetry, night.world.now)
    night.now = made.now
    return made


@pytest.fixture
def noise(night: Night) -> Noise:
    """A night of alerts, of which some should wait."""
    return Noise(night)
