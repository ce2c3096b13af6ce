"""Deleting rows without waiting for ever: on a full disk the engine accepts a DELETE and cannot carry it out."""

import time

from aftercare.telemetry.store.client import ClientPool
from aftercare.telemetry.store.room import require_room

PENDING = (
    "SELECT latest_fail_reason FROM system.mutations "
    "WHERE database = currentDatabase() AND table = {table:String} AND NOT is_done"
)


def delete_rows(pool: ClientPool, table: str, where: str, *, patience_s: float) -> None:
    """Remove rows, and return when they are gone.

    Raises TimeoutError when that takes longer than `patience_s` seconds, OSError when the engine failed at it or there
    is no room on its disk. Some may be gone already; asking again waits for what is under way first.
    """
    if pool.address.cluster:
        stored = pool.address.stored(table)
        pool.command(f"DELETE FROM {stored} WHERE {where} SETTINGS lightweight_deletes_sync = 2")
        return
    require_room(pool)
    wait_for_deletes(pool, table, patience_s)
    pool.command(f"DELETE FROM {table} WHERE {where} SETTINGS lightweight_deletes_sync = 0")
    wait_for_deletes(pool, table, patience_s)


def wait_for_deletes(pool: ClientPool, table: str, patience_s: float) -> None:
    """Until no DELETE of this table is under way. Raises as `delete_rows` does."""
    ends = time.monotonic() + patience_s
    pause_s = 0.005
    while pending := pool.rows(PENDING, {"table": table}):
        failed = [reason for (reason,) in pending if reason]
        if failed:
            # The engine would try again by itself, but after pauses of minutes.
            pool.command(f"KILL MUTATION WHERE database = currentDatabase() AND table = '{table}' AND NOT is_done")
            raise OSError(f"rows of {table} could not be removed: {failed[0]}")
        if time.monotonic() > ends:
            raise TimeoutError(f"the removal of rows of {table} is not done after {patience_s:.0f} s")
        time.sleep(pause_s)
        pause_s = min(pause_s * 2, 0.2)
