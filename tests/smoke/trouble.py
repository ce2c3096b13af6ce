"""What the trouble tests share: a real server with load on it, and pages that must reach a webhook."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aftercare.notify.tests.receiver import Received, Receiver
from tests.service import ROOT, Service
from tests.smoke.test_kill import Sender

PAGE = """
import sys, django
django.setup()
from aftercare.kernel.clock import utc_now
from aftercare.oncall.actions import start_page
for ref in sys.argv[1:]:
    start_page(subject_ref=ref, severity="red", title=ref, title_zh=ref, url_path="/", customer_id=None, now=utc_now())
"""
CONTACTS = """
import sys, django
django.setup()
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.notify.actions import add_contact
user = User.objects.get(email="lin@provider.example")
for address in sys.argv[1:]:
    add_contact(user=user, channel="webhook", address=address, verified=True, now=utc_now())
"""
COUNTS = (
    "SELECT countIf(source = 'native'), uniqExactIf(detail, source = 'native'), "
    "countIf(source = 'cmcd'), uniqExactIf((session, line), source = 'cmcd') FROM samples WHERE session LIKE 'k%'"
)


@contextmanager
def served(place: Path | None = None, *, wait_s: float = 60, **environment: str) -> Iterator[Service]:
    """A running server with the cast."""
    with tempfile.TemporaryDirectory(prefix="aftercare-trouble-") as name:
        service = Service((place or Path(name)) / "data", **environment)
        service.start(wait_s=wait_s)
        try:
            service.seed()
            yield service
        finally:
            if service._process is not None and service._process.poll() is None:
                service.stop()
            service.close_reader()


def beside(service: Service, code: str, *words: str) -> str:
    """A program beside the server, with its settings."""
    environment = {**service.environment, "DJANGO_SETTINGS_MODULE": "aftercare.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def wait_until(what: str, is_so: Callable[[], bool], seconds: float = 30) -> float:
    """Wait for it; returns the seconds it took, fails after `seconds`."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, what
        time.sleep(0.1)
    return time.monotonic() - began


def arrives(receiver: Receiver, subject: str, seconds: float = 30) -> Received:
    """The page about this subject, taken out of the inbox."""
    found: list[Received] = []

    def is_here() -> bool:
        found.extend(message for message in receiver.inbox if subject in message.text)
        return bool(found)

    wait_until(f"the page about {subject} came; so far: {[m.text for m in receiver.inbox]}", is_here, seconds)
    receiver.inbox.remove(found[0])
    return found[0]


def answers_pages(service: Service) -> bool:
    """Whether a page that asks the database is served."""
    try:
        return service.request("GET", "/accounts/login/")[0] == 200
    except OSError:
        return False


@contextmanager
def load(service: Service, number: int = 2) -> Iterator[list[Sender]]:
    """Senders that send every batch until it is acknowledged; all are done at the end."""
    senders = [Sender(service, place) for place in range(number)]
    for sender in senders:
        sender.start()
    try:
        yield senders
    finally:
        for sender in senders:
            sender.stopping.set()
        for sender in senders:
            sender.join(60)
    assert not any(sender.is_alive() for sender in senders), "a sender never got its last batch acknowledged"


def check_counts(service: Service, senders: list[Sender]) -> None:
    """Of a stopped server: everything acknowledged is there once, and the rollups say the same."""
    native, distinct, cmcd, distinct_cmcd = service.telemetry(COUNTS)[0]
    assert native == distinct
    assert cmcd == distinct_cmcd
    assert native + cmcd == sum(sender.acknowledged for sender in senders)
    sums = "sum(stall_ms), sum(interval_ms)"
    raw = service.telemetry(f"SELECT countIf(source != 'derived'), {sums} FROM samples")
    for table in ("r10s", "r1m", "r1h"):
        assert service.telemetry(f"SELECT sum(reports), {sums} FROM {table} WHERE cut = ''") == raw, table
    assert service.telemetry(f"SELECT sum(reports), {sums} FROM sessions") == raw
