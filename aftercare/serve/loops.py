"""The worker's loops: each engine in a thread of its own, woken by the database or by its time."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import psycopg
from django.db import connections
from django.db.utils import DatabaseError, OperationalError

from aftercare.kernel.clock import utc_now
from aftercare.kernel.standing import StoodDown

log = logging.getLogger(__name__)


class Loop:
    """Calls `work(now)` every `every_s`, and at once when woken. An error is logged and never ends the loop."""

    def __init__(self, name: str, work: Callable[[datetime], object], *, every_s: float) -> None:
        self.name = name
        self._work = work
        self._every_s = every_s
        self._wake = threading.Event()
        self._stopping = False
        self._ended = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._ended = time.monotonic()
        self._thread.start()

    def seconds_since_round(self) -> float:
        """Seconds since the last round ended without an error (since the start, before the first one)."""
        return time.monotonic() - self._ended

    def wake(self) -> None:
        """Work now."""
        self._wake.set()

    def stop(self) -> None:
        """End after the present round."""
        self._stopping = True
        self._wake.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; whether it came."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        troubled = False
        while not self._stopping:
            begun = time.monotonic()
            try:
                with suppress(StoodDown):  # which said so itself, once
                    self._work(utc_now())
                self._ended = time.monotonic()
                troubled = False
            except Exception as error:
                if not troubled or not isinstance(error, OperationalError):
                    log.exception("the %s loop had an error and goes on", self.name)
                troubled = True
            finally:
                connections.close_all()  # nobody holds one while waiting: there are more loops than connections
            took = time.monotonic() - begun
            self._wake.wait(max(self._every_s - took, 0.05))
            self._wake.clear()


class Listener:
    """Wakes loops on PostgreSQL notifications, reconnecting for as long as it takes."""

    def __init__(self, connect: Callable[[], "psycopg.Connection[tuple[object, ...]]"]) -> None:
        self._connect = connect
        self._wakes: dict[str, list[Callable[[], None]]] = {}
        self._stopping = False
        self._is_lost = False
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def on(self, channel: str, wake: Callable[[], None]) -> None:
        """Call `wake` on every notification of this channel, and once after every reconnection."""
        self._wakes.setdefault(channel, []).append(wake)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End within a second."""
        self._stopping = True

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._listen()
            except Exception as error:
                is_loss = isinstance(error, psycopg.Error | DatabaseError)
                if not (self._stopping or (is_loss and self._is_lost)):
                    log.warning("the listener lost the database and tries again", exc_info=error)
                self._is_lost = True
                time.sleep(0.5)

    def _listen(self) -> None:
        with self._connect() as connection:
            for channel, wakes in self._wakes.items():
                connection.execute(f'LISTEN "{channel}"')
                for wake in wakes:
                    wake()
            self._is_lost = False
            while not self._stopping:
                for notice in connection.notifies(timeout=1, stop_after=1):
                    for wake in self._wakes.get(notice.channel, []):
                        wake()
