"""A scene with each vendor."""

from collections.abc import Iterator

import pytest

from tests.vendors_of_chat.scene import VENDORS, Scene, scene_of
from tests.world import World


@pytest.fixture(params=VENDORS)
def scene(request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Each vendor in turn."""
    with scene_of(request.param, world, monkeypatch) as made:
        yield made


def of(name: str):
    """A fixture of one vendor's scene."""

    @pytest.fixture(name=name)
    def fixture(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
        with scene_of(name, world, monkeypatch) as made:
            yield made

    return fixture


feishu, dingtalk, slack, telegram, wecom_bot = (of(name) for name in VENDORS)
