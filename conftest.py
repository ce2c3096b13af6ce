"""The fixtures of every test; `tests.engines` has started the engines by now."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.utils import translation

from tests import engines

pytest_plugins = ["tests.measuring", "tests.service", "tests.telemetry", "tests.world"]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in English, whatever language the request before it was answered in."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The tests' database is a copy of the migrated one that the engine began with, where we run our own engine."""
    if not engines.GIVEN:
        connections["default"].settings_dict["TEST"]["TEMPLATE"] = "aftercare"
