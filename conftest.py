"""The fixtures of every test; `tests.engines` has started the engines by now."""

from collections.abc import Iterator

import pytest
from django.utils import translation

pytest_plugins = ["tests.measuring", "tests.service", "tests.telemetry", "tests.world"]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in English, whatever language the request before it was answered in."""
    with translation.override("en"):
        yield
