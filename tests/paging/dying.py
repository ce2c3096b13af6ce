"""A worker that dies: at any statement of its own, by an exception nothing catches, or as a real process by kill -9."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from aftercare.notify.engine import sender
from tests.service import ROOT

WORKER = """
import os, sys
from datetime import datetime
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from aftercare.kernel.standing import STANDING, StoodDown
from aftercare.notify.adapters import calling
from aftercare.notify.engine.sender import Sender
from aftercare.oncall import engine
from aftercare.serve import standing
calling.allows_private_webhooks = lambda: True
STANDING.hand_in(lambda: standing.check(int(sys.argv[2])))
sender = Sender()
print("ready", flush=True)
for line in sys.stdin:
    now = datetime.fromisoformat(line.strip())
    try:
        print(engine.process_due(now), sender.process_due(now), flush=True)
    except StoodDown:
        print("stood down", flush=True)
"""


class Died(BaseException):
    """The process is gone: nothing that it would still do is done."""


class Grave:
    """Lets `count` statements through and ends the process before the next one. `said` are those that ran."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.said: list[str] = []

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if len(self.said) >= self.count:
            raise Died
        self.said.append(str(sql)[:80])
        return execute(sql, params, many, context)


def dies_after(count: int, work: Callable[[], object]) -> bool:
    """Do this work as a process that ends before its statement number `count` (from 0); whether it ended so."""
    try:
        with connection.execute_wrapper(Grave(count)):
            work()
    except Died:
        connection.close()  # as the server sees it
        return True
    return False


class Providers:
    """Stands for the sender's threads, so that it is known when a vendor takes a message: as soon as it is handed over,
    or only when the sender looks for the second time what landed.
    """

    def __init__(self, *, at_once: bool) -> None:
        self.at_once = at_once
        self.calls: dict[Future[Any], tuple[Any, ...]] = {}
        self.looks: dict[Future[Any], int] = {}

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Take a call."""
        future: Future[Any] = Future()
        self.calls[future], self.looks[future] = (work, *arguments), 0
        if self.at_once:
            self.land(future)
        return future

    def wait(self, futures: Any, **_how: Any) -> tuple[set[Future[Any]], set[Future[Any]]]:
        """What of these landed."""
        for future in list(futures):
            self.looks[future] += 1
            if self.looks[future] > 1 and not future.done():
                self.land(future)
        done = {future for future in futures if future.done()}
        return done, set(futures) - done

    def land(self, future: Future[Any]) -> None:
        """The vendor answers."""
        work, *arguments = self.calls[future]
        future.set_result(work(*arguments))

    def shutdown(self, **_how: Any) -> None:
        """Nothing runs."""


@contextmanager
def providers(monkeypatch: pytest.MonkeyPatch, *, at_once: bool) -> Iterator[Providers]:
    """Every sender hands over to this one."""
    made = Providers(at_once=at_once)
    with monkeypatch.context() as patch:
        patch.setattr(sender, "ThreadPoolExecutor", lambda *_arguments, **_named: made)
        patch.setattr(sender, "wait", made.wait)
        yield made


class Process:
    """A worker in a process of its own, on the test's database, with this version of the engines; or another script."""

    def __init__(self, version: int = 1, script: str = WORKER) -> None:
        name = str(connection.settings_dict["NAME"])
        self.child = subprocess.Popen(
            [sys.executable, "-c", script, name, str(version)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self.says() == "ready"

    def says(self) -> str:
        """Its next line."""
        assert self.child.stdout is not None
        return self.child.stdout.readline().strip()

    def begin(self, now: datetime) -> None:
        """Let it do a round of work, and do not wait."""
        assert self.child.stdin is not None
        self.child.stdin.write(f"{now.isoformat()}\n")
        self.child.stdin.flush()

    def work(self, now: datetime) -> str:
        """A round: what it says of it."""
        self.begin(now)
        return self.says()

    def kill(self) -> None:
        """kill -9."""
        self.child.send_signal(signal.SIGKILL)
        self.child.wait(10)

    def end(self) -> str:
        """Let it end; what it logged."""
        _out, logged = self.child.communicate(timeout=20)
        return logged


def until(holds: Callable[[], bool]) -> None:
    """Wait for another process; fails after 20 s."""
    ends = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < ends, "it never came to hold"
        time.sleep(0.02)
