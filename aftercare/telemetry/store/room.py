"""Room on the disk of the embedded engine, looked at before it writes.

On a full disk the engine does not notice that its writes fail: measured on chDB 4.4 (ClickHouse 26.9), 20 of 776
acknowledged inserts were gone after a restart, merges had put empty parts in the place of whole ones, and an accepted
DELETE left an empty file with which the table could not be opened again. So it never gets to write there.
"""

import errno
import logging
import os
from math import inf
from pathlib import Path

from aftercare.telemetry.store.client import ClientPool

log = logging.getLogger(__name__)
# Nothing is begun with less than the first, and nothing is believed that ended with less than the second.
LEAST_BYTES = 256 << 20
LEAST_BYTES_AFTER = 64 << 20


def free_bytes(pool: ClientPool) -> float:
    """What is free where the embedded engine writes; a server looks after its own disks."""
    if not pool.address.is_embedded:
        return inf
    disk = os.statvfs(Path(pool.address.url.removeprefix("chdb://")))
    return disk.f_bavail * disk.f_frsize


def require_room(pool: ClientPool, least: int = LEAST_BYTES) -> None:
    """Raise OSError (ENOSPC) when less is free than the engine may write with."""
    free = free_bytes(pool)
    if free < least:
        said = f"only {free / 2**20:.0f} MiB free where telemetry is stored, less than the {LEAST_BYTES >> 20} it needs"
        raise OSError(errno.ENOSPC, said)


class Merges:
    """Holds the engine's merges while room is short: one that runs into a full disk would spoil whole parts."""

    def __init__(self, pool: ClientPool) -> None:
        self._pool = pool
        self._are_held = False

    def may_work(self) -> bool:
        """Whether there is room; holds the merges or lets them go on as that changes."""
        is_short = free_bytes(self._pool) < LEAST_BYTES
        if is_short and not self._are_held:
            log.error("telemetry is refused until there is room: less than %d MiB are free", LEAST_BYTES >> 20)
            self._pool.command("SYSTEM STOP MERGES")
        elif self._are_held and not is_short:
            log.warning("there is room again: telemetry is taken")
            self._pool.command("SYSTEM START MERGES")
        self._are_held = is_short
        return not is_short
