"""One server for all tests of this folder: each of them leaves it running."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service import Service


@pytest.fixture(scope="package")
def service() -> Iterator[Service]:
    """A running server with the cast."""
    with tempfile.TemporaryDirectory(prefix="aftercare-service-") as place:
        running = Service(Path(place) / "data")
        running.start()
        running.seed()
        yield running
        running.stop()
        running.close_reader()
