"""A month of a provider's life, made inside the engine: 200 million samples of 100 customers with their roll-ups.

Kept in a folder and brought up to the present by the next run, hour for hour by the same seed. To be run in a process
of its own, because chDB has one owner: `python -m bench.big DIR SAMPLES` prints what there is as one JSON line.
"""

import json
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from aftercare.telemetry.schema.measures import FINE_MEASURES, MEASURES
from aftercare.telemetry.store.client import ClientPool, address_of
from aftercare.telemetry.store.commits import RESTART_GAP
from aftercare.telemetry.store.journal import Journal
from aftercare.telemetry.store.migrations import migrate
from aftercare.telemetry.store.rollups import FEEDS, R1H, R1M, R10S, SESSIONS
from bench.samples_sql import DAY_S, HOUR_S, compacted, compacted_rollup, insert_samples, merging

DAYS = 30
# What the pages of ranges up to 30 days read of the finer tables: a span of 3 days and the same a week before, and an
# hour and the same a day before. Older buckets would be weight in partitions that nothing opens.
MINUTES_S, FINE_S = 10 * DAY_S, 26 * HOUR_S
TABLES = {"samples": "ts", "r10s": "bucket", "r1m": "bucket", "r1h": "bucket", "sessions": "started_at"}
ONE_PART = "SETTINGS min_insert_block_size_rows = 10000000, min_insert_block_size_bytes = 8000000000, max_threads = 1"
SAVED = "bench.json"
Chunk = tuple[int, int]


class Month:
    """The folder's telemetry. `until` is the second up to which it is made."""

    def __init__(self, folder: Path, samples: int) -> None:
        self.folder = folder
        self.per_day = round(samples / DAYS)
        self.pool = ClientPool(address_of(clickhouse_url=None, data_dir=folder), 4)
        migrate(self.pool)
        self.state: dict[str, Any] = self._read()

    def bring_up(self, now_s: int) -> None:
        """Make what is missing between thirty days ago and now."""
        done = [tuple(chunk) for chunk in self.state["done"]]
        begin = max((last for _first, last in done), default=now_s - DAYS * DAY_S)
        chunks = [chunk for chunk in self.state["begun"] if tuple(chunk) not in done] or self._cut(begin, now_s)
        self.state["begun"] = chunks
        self._save()
        journal = Journal(self.folder / "telemetry" / "journal")
        commit = journal.state.committed + RESTART_GAP
        last_commit = commit + now_s - min((first for first, _last in chunks), default=now_s) + RESTART_GAP
        with ThreadPoolExecutor(2) as threads:
            for chunk, took in threads.map(lambda chunk: self._make(chunk, chunks[0][0], commit, now_s), chunks):
                self.state["done"].append(chunk)
                self.state["made_s"] += took
                self._save()
                say(f"{datetime.fromtimestamp(chunk[1], UTC):%m-%d %H:%M} made in {took:.0f} s")
        journal.commit(last_commit)
        for place in range(len(FEEDS)):
            journal.end(place, last_commit)
        journal.close()
        self._wait_for_merges()

    def facts(self) -> dict[str, Any]:
        """What there is: rows and bytes by table, sizes of apps, and some sessions to look for."""
        parts = self.pool.rows(
            "SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts "
            "WHERE active AND database = currentDatabase() GROUP BY table"
        )
        seen = self.pool.rows(
            "SELECT app, groupArraySample(40, 7)((session, stream, user)) FROM sessions GROUP BY app ORDER BY app"
        )
        return {
            "tables": {table: {"rows": int(rows), "bytes": int(size)} for table, rows, size in parts},
            "known": {str(app): [list(some) for some in found] for app, found in seen},
            "made_s": self.state["made_s"],
        }

    def close(self) -> None:
        """Give the folder free."""
        self.pool.close()

    def _cut(self, begin: int, end: int) -> list[Chunk]:
        """The days, UTC, of a stretch of time; a whole day makes one part."""
        edges = [begin, *range((begin // DAY_S + 1) * DAY_S, end, DAY_S), end]
        return list(pairwise(edges))

    def _make(self, chunk: Chunk, origin: int, commit: int, now_s: int) -> tuple[Chunk, float]:
        """One stretch: raw rows, then every roll-up of them."""
        first, last = chunk
        begun = time.monotonic()
        self._clear(first, last)
        self.pool.command(
            insert_samples(first, last, per_day=self.per_day, days=DAYS, commit=commit + first - origin, threads=1)
        )
        rows = f"(SELECT * FROM samples WHERE {between('ts', first, last)})"
        if last > now_s - FINE_S:
            fine = max(first, now_s - FINE_S)
            recent = f"(SELECT * FROM samples WHERE {between('ts', fine, last)})"
            source = compacted(recent, 10, FINE_MEASURES)
            self.pool.command(f"{compacted_rollup(R10S, f'({source})')} {ONE_PART}")
        hours, seconds, made_of = f"bench_hours_{first}", HOUR_S, MEASURES
        if last > now_s - MINUTES_S:
            minutes = f"bench_minutes_{first}"
            self.pool.command(f"CREATE TABLE {minutes} ENGINE = Memory AS {compacted(rows, 60, MEASURES)}")
            self.pool.command(f"{compacted_rollup(R1M, minutes)} {ONE_PART}")
            rows, made_of = minutes, merging(MEASURES)
        self.pool.command(f"CREATE TABLE {hours} ENGINE = Memory AS {compacted(rows, seconds, made_of)}")
        self.pool.command(f"{compacted_rollup(R1H, hours)} {ONE_PART}")
        chosen = SESSIONS.select(between("ts", first, last))
        self.pool.command(f"INSERT INTO sessions (writer, {SESSIONS.columns()}) SELECT 0, * FROM ({chosen}) {ONE_PART}")
        self._drop_helpers(first)
        return chunk, time.monotonic() - begun

    def _clear(self, first: int, last: int) -> None:
        """Remove what a run that was cut short left of a stretch."""
        self._drop_helpers(first)
        for table, column in TABLES.items():
            where = between(column, first, last)
            if self.pool.rows(f"SELECT count() FROM {table} WHERE {where}")[0][0]:
                self.pool.command(f"DELETE FROM {table} WHERE {where} SETTINGS lightweight_deletes_sync = 2")

    def _drop_helpers(self, first: int) -> None:
        for name in ("hours", "minutes"):
            self.pool.command(f"DROP TABLE IF EXISTS bench_{name}_{first}")

    def _wait_for_merges(self) -> None:
        while self.pool.rows("SELECT count() FROM system.merges")[0][0]:
            time.sleep(1)

    def _read(self) -> dict[str, Any]:
        path = self.folder / SAVED
        empty: dict[str, Any] = {"per_day": self.per_day, "begun": [], "done": [], "made_s": 0.0}
        return json.loads(path.read_text()) if path.exists() else empty

    def _save(self) -> None:
        draft = self.folder / f"{SAVED}.draft"
        draft.write_text(json.dumps(self.state))
        draft.replace(self.folder / SAVED)


def between(column: str, first: int, last: int) -> str:
    """SQL: a time in [first, last), seconds since the epoch."""
    return f"{column} >= toDateTime({first}, 'UTC') AND {column} < toDateTime({last}, 'UTC')"


def is_fitting(folder: Path, samples: int, now_s: int) -> bool:
    """Whether the folder holds such a month, no older than a few days: else it is made anew."""
    path = folder / SAVED
    if not path.exists():
        return False
    state = json.loads(path.read_text())
    newest = max((last for _first, last in state["done"]), default=now_s)
    return state["per_day"] == round(samples / DAYS) and now_s - newest < 5 * DAY_S


def say(text: str) -> None:
    """A word to whoever waits."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Make or renew the folder, print its facts."""
    folder, samples = Path(sys.argv[1]), int(sys.argv[2])
    now_s = int(time.time())
    if not is_fitting(folder, samples, now_s):
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    month = Month(folder, samples)
    try:
        month.bring_up(now_s)
        print(json.dumps(month.facts()))
    finally:
        month.close()


if __name__ == "__main__":
    main()
