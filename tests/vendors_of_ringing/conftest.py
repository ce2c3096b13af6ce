"""The scene of those who ring."""

from collections.abc import Iterator

import pytest

from aftercare.oncall.tests.cast import duty
from tests.vendors_of_ringing.scene import Ringing, ringing_in
from tests.world import World

__all__ = ["duty"]


@pytest.fixture
def ringing(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ringing]:
    """SMS and calls by Aliyun, Tencent Cloud and Twilio."""
    with ringing_in(world, monkeypatch) as made:
        yield made
