"""The fixtures of every test; `tests.engines` has started the engines by now."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.utils import translation

pytest_plugins = ["tests.measuring", "tests.service", "tests.telemetry", "tests.world"]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in English, whatever language the request before it was answered in."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The tests' database is a copy of the one that the engine began with, which is migrated where it is our own."""
    settings = connections["default"].settings_dict
    settings["TEST"]["TEMPLATE"] = settings["NAME"]
