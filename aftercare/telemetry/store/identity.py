"""Which telemetry belongs to which journal.

The journal says which raw rows were acknowledged, and the start removes all others. With another folder's journal, or
an empty one, that would be everything: so both carry the same identifier, and a start where they do not match is
refused.
"""

import uuid
from pathlib import Path

from aftercare.kernel.errors import Refused
from aftercare.telemetry.store.client import ClientPool
from aftercare.telemetry.store.commits import RAW
from aftercare.telemetry.store.journal import Journal
from aftercare.telemetry.store.rollups import FEEDS

NAME = "installation"


def require_match(pool: ClientPool, journal: Journal, folder: Path) -> None:
    """Tie the engine and the journal in `folder` together, or raise Refused where they are not of one installation."""
    file = folder / NAME
    here = file.read_text().strip() if file.exists() else ""
    there = stored_id(pool)
    is_empty_journal = journal.state.committed == journal.base
    holds_rows = any(pool.rows(f"SELECT 1 FROM {table} LIMIT 1") for table in RAW)
    # An engine without one is older than this check, or the last start ended between the two writes of `tie`.
    if holds_rows and (is_empty_journal or (there and here != there)):
        raise Refused(
            f"the telemetry at {pool.address.shown} was not written with the journal in {folder}, so nothing tells "
            "which of its rows were acknowledged. Start with the data folder it belongs to; or, if that one is lost, "
            "take over all its rows with: aftercare migrate --adopt-telemetry"
        )
    if not here or here != there:
        tie(pool, file, here or there or uuid.uuid4().hex)


def adopt(pool: ClientPool, journal: Journal, folder: Path) -> int:
    """Take every stored row as acknowledged and every roll-up as built; returns the last commit's number.

    What the roll-ups had not taken in when the old journal was lost, some seconds at most, stays out of them.
    """
    stored = [int(pool.rows(f"SELECT max(commit) FROM {table}")[0][0]) for table in RAW]
    last = max(*stored, journal.state.committed)
    journal.commit(last)
    for place in range(len(FEEDS)):
        journal.end(place, last)
    tie(pool, folder / NAME, uuid.uuid4().hex)
    return last


def stored_id(pool: ClientPool) -> str:
    """The identifier that the engine carries, empty where it has none."""
    pool.command(
        f"CREATE TABLE IF NOT EXISTS {NAME} (id String, at DateTime64(3) DEFAULT now64(3)) "
        "ENGINE = MergeTree ORDER BY at SETTINGS fsync_after_insert = 1"
    )
    rows = pool.rows(f"SELECT id FROM {NAME} ORDER BY at DESC LIMIT 1")
    return str(rows[0][0]) if rows else ""


def tie(pool: ClientPool, file: Path, identifier: str) -> None:
    """Write the identifier on both sides; the folder first, so that a crash in between is mended by the next start."""
    draft = file.with_suffix(".draft")
    draft.write_text(identifier)
    draft.rename(file)
    pool.command(f"INSERT INTO {NAME} (id) VALUES ({{id:String}})", {"id": identifier})
