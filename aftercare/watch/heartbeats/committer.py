"""The thread that keeps pings: gathers those of some milliseconds, writes them in one commit, then answers."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from aftercare.watch.heartbeats.keeping import keep
from aftercare.watch.heartbeats.pings import Ping

log = logging.getLogger(__name__)

MOST_WAITING = 20_000
MOST_AT_ONCE = 2_000
# Waiting twice as long as the last commit took bounds commits to a third of the time; nobody waits for long.
PAUSE_FACTOR = 2.0
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.004, 0.05
HELD_PAUSE_S = 0.05
CONNECT_PAUSE_S = 0.5


class PingCommitter:
    """One per process. `submit` is called from the event loop, whose futures are answered."""

    def __init__(
        self, connect: "Callable[[], psycopg.Connection[Any]]", *, on_told: Callable[[], None] = lambda: None
    ) -> None:
        """`on_told` is called after a commit in which something has to be looked at, a failure for one."""
        self._connect = connect
        self._on_told = on_told
        self._connection: psycopg.Connection[Any] | None = None
        self._waiting: deque[Ping] = deque()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._is_troubled = False
        self._thread = threading.Thread(target=self._run, name="pings", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_s: float | None = None) -> None:
        """Keep what waits, then end; a database that does not answer is waited for `timeout_s` at the most."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout_s)

    def submit(self, ping: Ping) -> bool:
        """Queue a ping; False when too many wait. Its futures get True when it is kept, False when it is nobody's, None
        when it could not be kept. One that says the same as the one before it costs no more than its answer.
        """
        with self._lock:
            if self._stopping or len(self._waiting) >= MOST_WAITING:
                return False
            self._waiting.append(ping)
        self._wake.set()
        return True

    def _run(self) -> None:
        pause_s = SHORTEST_PAUSE_S
        while not self._stopping or self._waiting:
            self._wake.wait(1.0)
            if not self._stopping:
                time.sleep(pause_s)
            self._wake.clear()
            begun = time.monotonic()
            while pings := self._take():
                if self._commit(pings):
                    time.sleep(HELD_PAUSE_S)
            pause_s = min(max((time.monotonic() - begun) * PAUSE_FACTOR, SHORTEST_PAUSE_S), LONGEST_PAUSE_S)
        if self._connection is not None:
            self._connection.close()

    def _take(self) -> list[Ping]:
        with self._lock:
            count = min(len(self._waiting), MOST_AT_ONCE)
            taken = [self._waiting.popleft() for _ in range(count)]
        return fold(taken)

    def _commit(self, pings: list[Ping]) -> bool:
        """Keep these pings and answer; whether all that is left is held by somebody else."""
        try:
            done = keep(self._connected(), pings)
        except Exception as error:
            self._fail(pings, error)
            return False
        if self._is_troubled:
            log.warning("pings are kept again")
        self._is_troubled = False
        with self._lock:
            self._waiting.extendleft(reversed(done.held))
        answer(done.kept, True)
        answer(done.nobodys, False)
        if done.must_look:
            self._on_told()
        return bool(done.held) and len(self._waiting) == len(done.held)

    def _connected(self) -> "psycopg.Connection[Any]":
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection

    def _fail(self, pings: list[Ping], error: Exception) -> None:
        """Tell their senders to come again."""
        if not self._is_troubled:
            log.error("pings could not be kept; their senders are told so until one is", exc_info=error)
        self._is_troubled = True
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        answer(pings, None)
        if not self._stopping:
            time.sleep(CONNECT_PAUSE_S)


def fold(pings: Sequence[Ping]) -> list[Ping]:
    """The same with what one heartbeat says several times in one second said once, the last time being its time."""
    newest: dict[int, Ping] = {}
    folded = []
    for ping in pings:
        before = newest.get(ping.heartbeat)
        if before is not None and before.takes(ping):
            before.at = ping.at
            before.repeats += ping.repeats
            before.answers += ping.answers
            continue
        newest[ping.heartbeat] = ping
        folded.append(ping)
    return folded


def answer(pings: Sequence[Ping], outcome: bool | None) -> None:
    """Tell those who wait, in one go on their loop."""
    answers = [future for ping in pings for future in ping.answers]
    if answers and not (loop := answers[0].get_loop()).is_closed():
        loop.call_soon_threadsafe(settle, answers, outcome)


def settle(answers: "Sequence[asyncio.Future[bool | None]]", outcome: bool | None) -> None:
    """Give each its outcome, but for those who have gone."""
    for future in answers:
        if not future.done():
            future.set_result(outcome)
