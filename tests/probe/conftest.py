"""Media and servers for probes to look at."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.probe.doubles import Web, make_media
from tests.service import service

__all__ = ["service"]


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a healthy clip."""
    return make_media(tmp_path_factory.mktemp("media"))


@pytest.fixture
def web(media: Path) -> Iterator[Web]:
    """A web server with the clip."""
    made = Web(media)
    yield made
    made.close()
