"""Refused lines, kept for their owners to read: enough to see what is wrong, too few to fill a disk with."""

import logging

import pyarrow as pa

from aftercare.ingest.batches import Batch
from aftercare.ingest.keys import Key
from aftercare.ingest.reading import Refusal
from aftercare.telemetry.store.client import ClientPool

log = logging.getLogger(__name__)

# Of an app in a minute, and of one body.
MOST_REFUSALS = 600
MOST_REFUSALS_OF_BODY = 20


class Rejects:
    """Writes refused lines down. Used by the committing thread alone."""

    def __init__(self, pool: ClientPool) -> None:
        self._pool = pool
        self._noted: dict[tuple[int, int], int] = {}
        self._minute = 0

    def keep(self, batches: list[Batch], now_s: float) -> None:
        """Write down what these batches had refused, as far as there is room for it."""
        refused: list[tuple[Batch, Refusal]] = []
        for batch in batches:
            kept = batch.refusals[: min(MOST_REFUSALS_OF_BODY, self._room(batch.key, now_s))]
            if kept:
                owner = (batch.key.customer, batch.key.app)
                self._noted[owner] = self._noted.get(owner, 0) + len(kept)
                refused += [(batch, refusal) for refusal in kept]
        if not refused:
            return
        try:
            with self._pool.client() as client:
                client.insert_arrow("rejects", table_of(refused, now_s))
        except Exception:  # the good lines are stored by now: their senders must not be told to send them again
            log.exception("refused lines could not be noted")

    def _room(self, key: Key, now_s: float) -> int:
        """How many more refused lines of this app are kept in this minute."""
        if int(now_s // 60) != self._minute:
            self._minute = int(now_s // 60)
            self._noted.clear()
        return max(MOST_REFUSALS - self._noted.get((key.customer, key.app), 0), 0)


def table_of(refused: list[tuple[Batch, Refusal]], now_s: float) -> pa.Table:
    """Refused lines as rows of `rejects`."""
    return pa.table(
        {
            "customer": pa.array([b.key.customer for b, _ in refused], pa.uint32()),
            "app": pa.array([b.key.app for b, _ in refused], pa.uint32()),
            "received": pa.array([int(now_s * 1000)] * len(refused), pa.int64()).cast(pa.timestamp("ms", "UTC")),
            "source": [b.source for b, _ in refused],
            "line": pa.array([r.line for _, r in refused], pa.uint32()),
            "reason": [r.reason for _, r in refused],
            "excerpt": [r.excerpt for _, r in refused],
        }
    )
