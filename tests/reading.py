"""Reads the telemetry of a stopped server's folder."""

from pathlib import Path
from typing import Any

from aftercare.telemetry.store.client import ClientPool, address_of


def rows(folder: str, sql: str) -> list[list[Any]]:
    """The rows of a query."""
    pool = ClientPool(address_of(clickhouse_url=None, data_dir=Path(folder)), 1)
    try:
        return [list(row) for row in pool.rows(sql)]
    finally:
        pool.close()
