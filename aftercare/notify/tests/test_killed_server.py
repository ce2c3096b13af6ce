"""kill -9 of a real server while a receiver holds its calls: the urgent one is repeated once, the routine one not."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aftercare.notify.tests.receiver import Receiver
from tests.service import ROOT, Service

WRITE = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
django.setup()
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.notify import actions
for urgency in ("urgent", "routine"):
    contact = actions.add_contact(
        user=User.objects.get(email="lin@provider.example"), channel="webhook", verified=True,
        address=f"{sys.argv[1]}/{urgency}", now=utc_now(),
    )
    actions.send(
        user=contact.user, channel="webhook", address=contact.address, kind="page", subject_ref="x",
        title="Freeze rate", urgency=urgency, now=utc_now(),
    )
"""
READ = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
django.setup()
from aftercare.notify.models import Delivery
print(*sorted(f"{d.urgency}:{d.state}:{d.repeat}" for d in Delivery.objects.filter(channel="webhook")))
"""


def run(service: Service, code: str, *words: str) -> str:
    """A program beside the server, with its settings."""
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, cwd=ROOT, env=service.environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def wait_for(what: str, receiver: Receiver, count: int) -> None:
    """Until so many messages came; fails after 20 s."""
    ends = time.monotonic() + 20
    while len(receiver.inbox) < count:
        assert time.monotonic() < ends, f"{what}: {len(receiver.inbox)} of {count} came"
        time.sleep(0.05)


@pytest.fixture
def killed(receiver: Receiver) -> Iterator[Service]:
    """A server that was killed while both calls hung."""
    with tempfile.TemporaryDirectory(prefix="aftercare-killed-") as place:
        service = Service(Path(place) / "data")
        service.start()
        service.seed()
        receiver.answer = receiver.hang
        run(service, WRITE, receiver.url)
        wait_for("before the kill", receiver, 2)
        service.kill()
        yield service
        service.stop()


def test_it_works(killed: Service, receiver: Receiver) -> None:
    assert {receiver.take().path, receiver.take().path} == {"/hook/urgent", "/hook/routine"}
    receiver.release.set()
    receiver.answer = lambda received: (204, {})
    killed.environment["AFTERCARE_CLOCK_OFFSET_S"] = "60"
    killed.start()
    wait_for("after the kill", receiver, 1)
    message = receiver.take()
    assert (message.path, message.body["data"]["repeat"]) == ("/hook/urgent", True)
    ends = time.monotonic() + 10
    while "sending" in (kept := run(killed, READ)):
        assert time.monotonic() < ends
    assert kept == "routine:dropped:False urgent:sent:True"
