"""kill -9 around a vendor: what it delivered is neither lost nor doubled, what may have reached it comes marked."""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.service import ROOT, Service
from tests.vendors_of_chat.double import serving
from tests.vendors_of_chat.telegram import Telegram

pytestmark = pytest.mark.long

START = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
django.setup()
from aftercare.accounts.models import Customer, User
from aftercare.desk.actions import post_in_group
from aftercare.desk.models import Group
from aftercare.kernel.clock import utc_now
from aftercare.notify.envelope import sealed
from aftercare.notify.models import Account
"""
MAKE = (
    START
    + """
import json
now = utc_now()
account = Account.objects.create(
    channel="telegram", name="bot", config={"base_url": sys.argv[1]}, secrets=sealed(json.loads(sys.argv[2])),
    created_at=now,
)
Group.objects.create(
    customer=Customer.objects.first(), account=account, chat_id="-1001", name="Group", language="en",
    created_at=now, updated_at=now,
)
print(account.ref)
"""
)
SAY = (
    START
    + """
author = User.objects.get(email="lin@provider.example")
for body in ("first", "second"):
    post_in_group(group=Group.objects.get(), speaker=author, body=body, now=utc_now())
"""
)
READ = (
    START
    + """
from aftercare.desk.models import Message
print(*Message.objects.filter(contact__isnull=False).order_by("pk").values_list("body", flat=True))
"""
)


def run(service: Service, code: str, *words: str) -> str:
    """A program beside the server, with its settings."""
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, cwd=ROOT, env=service.environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def until(what: str, is_so: Callable[[], bool]) -> None:
    """Wait until it is so; fails after two minutes."""
    ends = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < ends, what
        time.sleep(0.1)


@pytest.fixture
def double() -> Iterator[Telegram]:
    with serving(Telegram()) as made:
        yield made


@pytest.fixture
def service() -> Iterator[Service]:
    with tempfile.TemporaryDirectory(prefix="aftercare-vendor-") as place:
        made = Service(Path(place) / "data")
        made.start(wait_s=180)
        made.seed()
        yield made
        made.stop()


def deliver(service: Service, double: Telegram, ref: str, number: int) -> int:
    """An update, as Telegram sends it; the status of our answer."""
    message = {
        "message_id": number,
        "from": {"id": 42, "is_bot": False, "first_name": "Wang"},
        "date": int(time.time()),
    }
    message |= {"chat": {"id": -1001, "type": "supergroup", "title": "Group"}, "text": f"word-{number}"}
    body = json.dumps({"update_id": 9000 + number, "message": message}).encode()
    headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": double.webhook_secret}
    status, _said, _headers = service.request("POST", f"/hooks/desk/{ref}/telegram", body, headers)
    return status


def test_it_works(service: Service, double: Telegram) -> None:
    ref = run(service, MAKE, double.url, json.dumps(double.secrets))
    for number in range(1, 21):
        assert deliver(service, double, ref, number) == 200
    double.hang = threading.Event()
    run(service, SAY)
    until("the first word reached the vendor", lambda: double.texts == ["Lin: first"])
    service.kill()
    double.hang.set()
    double.hang = None

    service.environment["AFTERCARE_CLOCK_OFFSET_S"] = "60"
    service.start(wait_s=180)
    assert deliver(service, double, ref, 20) == 200, "the vendor had not heard our answer"
    until("every word is there", lambda: len(run(service, READ).split()) >= 20)
    assert run(service, READ).split() == [f"word-{number}" for number in range(1, 21)]
    until("the rest went out", lambda: len(double.posted) >= 3)
    assert double.texts == ["Lin: first", "Repeat: Lin: first", "Lin: second"]
