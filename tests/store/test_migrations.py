"""Migrations over an engine that holds data from before them."""

from pathlib import Path

from aftercare.telemetry.schema.measures import FINE_MEASURES, MEASURES
from aftercare.telemetry.store.client import ClientPool, address_of
from aftercare.telemetry.store.migrations import migrate, migration_files, statements
from aftercare.telemetry.store.rollups import ROLLUPS, SESSION_COLUMNS, STEP
from tests.store.server import clickhouse

KEYS = "customer, app, writer, keep_days, bucket, cut, value"
HAD = "reports, interval_ms, starts, starts_ok, starts_instant"
OLD = "1, 1, 1, 30, toStartOfHour(now()), '', '', 9, 60000, 8, 6, 6"


def columns_of(pool: ClientPool, table: str) -> dict[str, str]:
    return dict(pool.rows("SELECT name, type FROM system.columns WHERE table = {table:String}", {"table": table}))


def test_stricter_measures_leave_what_was_told_before() -> None:
    with clickhouse() as url:
        pool = ClientPool(address_of(clickhouse_url=url, data_dir=Path("/nowhere")), 1)
        for path in migration_files()[:3]:
            for statement in statements(path.read_text(), cluster=""):
                pool.command(statement)
        for table in ("r10s", "r1m", "r1h"):
            pool.command(f"INSERT INTO {table} ({KEYS}, {HAD}) SELECT {OLD}")
        migrate(pool)
        stricter = next(path for path in migration_files() if path.stem.startswith("0004"))
        for statement in statements(stricter.read_text(), cluster=""):  # as after a crash in it
            pool.command(statement)
        new = "1, 1, 1, 30, toStartOfHour(now()), '', '', 1, 5000, 1, 1, 1, map(130, 1)"
        pool.command(f"INSERT INTO step ({KEYS}, {HAD}, wait_cells) SELECT {new}")
        sums = ", ".join(f"sum({name})" for name in HAD.split(", ")) + ", sumMap(wait_cells)"
        for table in ("r10s", "r1m", "r1h"):
            assert pool.rows(f"SELECT {sums} FROM {table}") == [(10, 65_000, 1, 7, 1, {130: 1})], table
        held = {"r10s": FINE_MEASURES, "r1m": MEASURES, "r1h": MEASURES, STEP.name: MEASURES}
        keys = set(KEYS.split(", "))
        for table, measures in held.items():
            assert set(columns_of(pool, table)) - keys == {measure.name for measure in measures}, table
        assert set(SESSION_COLUMNS) <= set(columns_of(pool, ROLLUPS[-1].name))
        pool.close()
