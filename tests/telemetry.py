"""The `telemetry` fixture: a real chDB, empty for each test, written by the commits and steps of the product."""

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from django.conf import settings

from aftercare.kernel.clock import epoch_ms, utc_now
from aftercare.telemetry.store import engine
from aftercare.telemetry.store.client import address_of
from aftercare.telemetry.store.commits import RAW, SCHEMA, Commits
from aftercare.telemetry.store.journal import Journal
from aftercare.telemetry.store.migrations import migrate
from aftercare.telemetry.store.rollups import ROLLUPS
from aftercare.telemetry.store.steps import Steps


class Telemetry:
    """Real tables with a short way to fill them."""

    def __init__(self) -> None:
        self.pool = engine.open_engine(address_of(clickhouse_url=None, data_dir=settings.DATA_DIR))
        migrate(self.pool)
        journal = Journal(settings.DATA_DIR / "telemetry" / "journal")
        self.commits = Commits(self.pool, journal)
        self.steps = Steps(self.pool, journal)

    def clear(self) -> None:
        """Empty every table."""
        for table in (*RAW, "series", "rejects", *(rollup.name for rollup in ROLLUPS)):
            self.pool.command(f"TRUNCATE TABLE {table}")

    def add(self, rows: list[dict[str, Any]], *, roll: bool = True) -> None:
        """Store raw rows (absent columns take their empty value; `ts` a datetime or epoch ms) and run all steps."""
        columns = {field.name: [value_of(row, field) for row in rows] for field in SCHEMA if field.name != "commit"}
        self.commits.write(columns, len(rows))
        if roll:
            self.steps.run_due(force=True)


EMPTY = {"sign": 1, "keep_days": 30, "source": "native"}


def value_of(row: dict[str, Any], field: pa.Field) -> Any:
    """The row's value of a column in the form that `Commits.write` takes."""
    value = row.get(field.name, EMPTY.get(field.name))
    if pa.types.is_timestamp(field.type):
        at = value or row.get("ts") or utc_now()
        return epoch_ms(at) if isinstance(at, datetime) else at
    if value is not None:
        return value
    if pa.types.is_list(field.type):
        return []
    if pa.types.is_string(field.type):
        return ""
    return math.nan if pa.types.is_floating(field.type) else 0


@pytest.fixture(scope="session")
def _telemetry_engine() -> Telemetry:
    return Telemetry()


@pytest.fixture
def telemetry(_telemetry_engine: Telemetry) -> Iterator[Telemetry]:
    """An empty telemetry engine."""
    _telemetry_engine.clear()
    yield _telemetry_engine
