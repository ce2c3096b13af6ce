"""A full disk: senders are told 503, nothing acknowledged is lost, and once there is room it goes on by itself.

The data folder is a small tmpfs, so the tests need root or sudo without a password; without either they fail, since a
pretended full disk would prove little.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from aftercare.notify.tests.receiver import Receiver
from tests.service import Service, now_ms
from tests.smoke.trouble import PAGE, answers_pages, arrives, beside, check_counts, load, served, wait_until

# Fills and frees a disk under a running server: minutes, so not in the default suite.
pytestmark = pytest.mark.long

SIZE_MB = 800
FULL_S = 6
SUDO = [] if os.geteuid() == 0 else ["sudo", "-n"]

# More than a segment of PostgreSQL's log: with no room for the next one the server ends itself.
WRITES = """
import django
django.setup()
from django.db import DatabaseError, connection
try:
    with connection.cursor() as cursor:
        for _ in range(12):
            cursor.execute("select pg_logical_emit_message(true, 'filler', repeat('x', 4000000))")
except DatabaseError as error:
    print(error)
"""


@contextmanager
def small_disk() -> Iterator[Path]:
    """A folder with room for SIZE_MB."""
    with tempfile.TemporaryDirectory(prefix="aftercare-disk-") as name:
        owner = f"uid={os.getuid()},gid={os.getgid()}"
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=700,{owner}", "aftercare-tests", name]
        done = subprocess.run([*SUDO, *mount], capture_output=True, text=True)
        if done.returncode != 0:
            pytest.fail(f"a small disk cannot be mounted here ({done.stderr.strip()}): run bin/test as root")
        try:
            yield Path(name)
        finally:
            subprocess.run([*SUDO, "umount", "--lazy", name], check=True)


def fill(filler: Path) -> None:
    """Take all the room there is."""
    block = b"\0" * (1 << 20)
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(block)
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 512)


def answer_to(service: Service) -> int:
    """The status that a sender gets now."""
    return service.samples([{"session": "probe", "ts": now_ms(), "interval_ms": 5000}], "social_secret")[0]


def test_it_works(receiver: Receiver) -> None:
    with small_disk() as disk, served(disk) as service:
        service.wake_by_webhook(receiver.url)
        filler = disk / "filler"
        with load(service) as senders:
            time.sleep(2)
            for _ in range(2):
                fill(filler)
                wait_until("senders are told 503", lambda: answer_to(service) == 503)
                beside(service, WRITES)
                ends = time.monotonic() + FULL_S
                while time.monotonic() < ends:
                    fill(filler)  # what merges and logs gave back goes too
                    assert answer_to(service) in (200, 503)
                    time.sleep(0.3)
                before = sum(sender.acknowledged for sender in senders)
                filler.unlink()
                wait_until("it went on", lambda before=before: sum(s.acknowledged for s in senders) > before + 100, 60)
                wait_until("pages came back", lambda: answers_pages(service), 60)
        assert sum(sender.retried for sender in senders) > 0
        beside(service, PAGE, "room-again")
        arrives(receiver, "room-again")
        assert service.stop() < 10
        check_counts(service, senders)
        assert service._process is not None and service._process.returncode == 0
