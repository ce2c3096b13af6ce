"""Keeps the embedded PostgreSQL running: whatever ended it, it is started again."""

import logging
import threading

from aftercare.kernel.errors import Refused
from aftercare.serve.postgres import EmbeddedPostgres

log = logging.getLogger(__name__)
LOOK_S = 0.2
RETRY_S = 2.0


class Keeper:
    """A thread that starts the server again when it has ended by itself.

    The thread lives as long as the server it may have started: the kernel ends a child whose starter is gone.
    """

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self._postgres = postgres
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="postgres-keeper", daemon=True)

    def start(self) -> None:
        """Begin to look after the running server."""
        self._thread.start()

    def stop(self, timeout_s: float = 8) -> None:
        """Leave the server alone and bring it down."""
        self._stopping.set()
        self._postgres.stop(timeout_s)
        self._thread.join(timeout_s)
        self._postgres.stop(timeout_s)  # the one that a start under way may have brought up meanwhile

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_S):
            if self._postgres.is_running():
                continue
            log.error("PostgreSQL has ended by itself; starting it again")
            try:
                self._postgres.start()
                log.warning("PostgreSQL runs again")
            except Refused as refused:
                # A full disk, or children of the old server that have not ended yet.
                log.error("PostgreSQL could not be started, trying again: %s", refused.sentence)
                self._stopping.wait(RETRY_S)
            except OSError as error:
                log.error("PostgreSQL could not be started, trying again: %s", error)
                self._stopping.wait(RETRY_S)
