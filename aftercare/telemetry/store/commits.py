"""Group commits: raw rows in, journal, acknowledge. One instance per ingest process, used by one thread."""

import logging
from math import inf
from typing import Any

import pyarrow as pa
import pyarrow.compute

from aftercare.telemetry.schema.columns import COLUMN_TYPES
from aftercare.telemetry.schema.points import DISTRIBUTION_TYPES, POINT_TYPES, SERIES_TYPES
from aftercare.telemetry.store.client import ClientPool
from aftercare.telemetry.store.deletes import delete_rows, wait_for_deletes
from aftercare.telemetry.store.journal import Journal
from aftercare.telemetry.store.room import LEAST_BYTES_AFTER, require_room

log = logging.getLogger(__name__)

# After a restart numbers go on well past any that a lost commit may have used.
RESTART_GAP = 1000
# So long a failed group's removal may hold its senders up; on a full disk it would until there is room.
PATIENCE_S = 5.0

ARROW_TYPES: dict[str, pa.DataType] = {
    "UInt16": pa.uint16(),
    "UInt32": pa.uint32(),
    "UInt64": pa.uint64(),
    "Int8": pa.int8(),
    "Int32": pa.int32(),
    "Int64": pa.int64(),
    "Float32": pa.float32(),
    "Float64": pa.float64(),
    "Date": pa.date32(),
    "String": pa.string(),
    "LowCardinality(String)": pa.string(),
    "Array(UInt32)": pa.list_(pa.uint32()),
    "Array(Float64)": pa.list_(pa.float64()),
    "Map(LowCardinality(String), String)": pa.map_(pa.string(), pa.string()),
    "DateTime64(3, 'UTC')": pa.timestamp("ms", tz="UTC"),
}


def schema_of(types: dict[str, str]) -> pa.Schema:
    """The Arrow schema of a table's columns."""
    return pa.schema([(name, ARROW_TYPES[kind]) for name, kind in types.items()])


SCHEMA = schema_of(COLUMN_TYPES)
# Tables whose rows carry their commit's number, in the order in which a commit writes them.
RAW = {"samples": SCHEMA, "points": schema_of(POINT_TYPES), "distributions": schema_of(DISTRIBUTION_TYPES)}
# Rows that only name things: they are written before those that mean them, and stay when the commit is undone.
SERIES = schema_of(SERIES_TYPES)
Columns = dict[str, Any]


class Commits:
    """Numbers, writes and acknowledges group commits into `samples`."""

    def __init__(self, pool: ClientPool, journal: Journal) -> None:
        self.pool = pool
        self.journal = journal
        self._failed: list[int] = []
        self._next = journal.state.committed + RESTART_GAP

    def recover(self) -> int:
        """Remove the raw rows of commits that were never acknowledged; returns how many rows went."""
        lost = f"commit > {self.journal.state.committed} AND commit < {self._next + (1 << 40)}"
        return self._remove(lost, patience_s=inf)

    def write(self, columns: Columns, rows: int) -> int:
        """Store one group of `samples` rows durably; returns its commit number. See `write_all`."""
        return self.write_all({"samples": (columns, rows)})

    def write_all(self, groups: dict[str, tuple[Columns, int]], series: pa.Table | None = None) -> int:
        """Store groups of rows durably under one number, which is returned: all of them or none.

        `groups` gives for each raw table its columns, all but `commit`, as Arrow arrays or lists, and how many rows
        they have. Raises whatever the engine or the journal raised; then nothing stays, also where a part was written.
        """
        require_room(self.pool)
        self._clear_failed()
        number = self._next
        self._next += 1
        tables = {name: numbered(RAW[name], number, *groups[name]) for name in RAW if name in groups}
        try:
            with self.pool.client() as client:
                if series is not None:
                    client.insert_arrow("series", series)
                for name, table in tables.items():
                    client.insert_arrow(name, table)
            require_room(self.pool, LEAST_BYTES_AFTER)
            self.journal.commit(number)
        except Exception:
            self._failed.append(number)
            self._clear_failed()
            raise
        return number

    def _clear_failed(self) -> None:
        """A failed insert may have left a partition's part: it goes before any later commit is taken."""
        while self._failed:
            self._remove(f"commit = {self._failed[-1]}", patience_s=PATIENCE_S)
            self._failed.pop()

    def _remove(self, where: str, *, patience_s: float) -> int:
        return sum(self._remove_from(table, where, patience_s) for table in RAW)

    def _remove_from(self, table: str, where: str, patience_s: float) -> int:
        wait_for_deletes(self.pool, table, patience_s)
        count = int(self.pool.rows(f"SELECT count() FROM {table} WHERE {where}")[0][0])
        if count:
            log.warning("removing %d rows of %s whose commits were never acknowledged", count, table)
            delete_rows(self.pool, table, where, patience_s=patience_s)
        return count


def numbered(schema: pa.Schema, number: int, columns: Columns, rows: int) -> pa.Table:
    """A raw table's rows, each with its commit's number."""
    commit = pa.array([number], pa.uint64()).take(pa.array([0] * rows, pa.int32()))
    return pa.table([as_array({**columns, "commit": commit}[f.name], f.type) for f in schema], schema=schema)


def typed(columns: dict[str, Any]) -> dict[str, pa.Array]:
    """The raw columns, all but `commit`, as arrays of their types. Raises Arrow's errors for what does not fit."""
    return {field.name: as_array(columns[field.name], field.type) for field in SCHEMA if field.name != "commit"}


def as_array(values: Any, kind: pa.DataType) -> pa.Array:
    """An Arrow array of this type from an array or a list."""
    if isinstance(values, pa.Array):
        return values if values.type == kind else values.cast(kind)
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.int64()).cast(kind)
    return pa.array(values, kind)
