"""The database goes away under load and comes back: nothing acknowledged is lost, and nothing needs a hand."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from aftercare.notify.tests.receiver import Receiver
from tests.service import ROOT, Service, free_port
from tests.smoke.trouble import PAGE, answers_pages, arrives, beside, check_counts, load, served, wait_until
from tests.store.debian import postgres15
from tests.store.server import clickhouse

NEW_KEY = """
import django
django.setup()
from aftercare.accounts.actions.keys import issue_app_key
from aftercare.accounts.models import App, User
from aftercare.kernel.clock import utc_now
ada = User.objects.get(email="ada@provider.example")
print(issue_app_key(app=App.objects.get(name="Whisper"), label="newer", actor=ada, now=utc_now()).secret)
"""


def server_pid(service: Service) -> int:
    """The embedded PostgreSQL's process."""
    return int((service.folder / "postgresql" / "postmaster.pid").read_text().split("\n", 1)[0])


def test_it_works(receiver: Receiver) -> None:
    with served() as service:
        service.wake_by_webhook(receiver.url)
        with load(service) as senders:
            for round_number in range(2):
                old = server_pid(service)
                before = sum(sender.acknowledged for sender in senders)
                os.kill(old, signal.SIGKILL)
                wait_until("it was started again", lambda old=old: is_another(service, old))
                wait_until("pages came back", lambda: answers_pages(service))
                beside(service, PAGE, f"after-{round_number}")
                arrives(receiver, f"after-{round_number}")
                wait_until("ingest went on", lambda before=before: sum(s.acknowledged for s in senders) > before + 100)
        newer = beside(service, NEW_KEY)
        service.seeded["newer"] = newer
        wait_until("the front door heard of a new key", lambda: service.samples([b"{}"], "newer")[0] == 400)
        assert service.stop() < 10
        check_counts(service, senders)


def is_another(service: Service, old: int) -> bool:
    """Whether a server with another number runs."""
    try:
        return server_pid(service) != old
    except (OSError, ValueError):
        return False


@pytest.mark.long
def test_a_server_elsewhere_goes_and_comes_back(receiver: Receiver) -> None:
    with postgres15() as database, served(AFTERCARE_DATABASE_URL=database.url) as service:
        service.wake_by_webhook(receiver.url)
        assert not (service.folder / "postgresql").exists()
        with load(service) as senders:
            database.stop()
            time.sleep(8)
            before = sum(sender.acknowledged for sender in senders)
            wait_until("ingest goes on without it", lambda: sum(s.acknowledged for s in senders) > before + 100)
            database.start()
            assert wait_until("pages came back", lambda: answers_pages(service)) < 15
            beside(service, PAGE, "afterwards")
            arrives(receiver, "afterwards")
        assert service.stop() < 10
        check_counts(service, senders)


def test_databases_that_come_up_after_the_service() -> None:
    with postgres15() as database, clickhouse() as url:
        database.stop()
        with tempfile.TemporaryDirectory(prefix="aftercare-trouble-") as place:
            service = Service(Path(place) / "data", AFTERCARE_DATABASE_URL=database.url, AFTERCARE_CLICKHOUSE_URL=url)
            process = begin(service)
            wait_until("it says what it waits for", lambda: "PostgreSQL does not answer yet" in service.log())
            assert process.poll() is None
            database.start()
            wait_until("it serves", lambda: answers_pages(service), 60)
            assert service.stop() < 10


def begin(service: Service) -> "subprocess.Popen[bytes]":
    """Start it without waiting for an answer."""
    command = [sys.executable, "-m", "aftercare.serve.cli", "serve", "--port", str(service.port)]
    with (service.folder.parent / f"{service.folder.name}.log").open("ab") as log:
        service._process = subprocess.Popen(command, cwd=ROOT, env=service.environment, stdout=log, stderr=log)
    return service._process


def test_a_wrong_address_is_told_in_a_sentence() -> None:
    said = [
        first_words(AFTERCARE_DATABASE_URL=f"postgresql://care:word@127.0.0.1:{free_port()}/care"),
        first_words(AFTERCARE_CLICKHOUSE_URL=f"http://127.0.0.1:{free_port()}"),
    ]
    assert said[0].startswith("PostgreSQL does not answer: ") and "AFTERCARE_DATABASE_URL" in said[0]
    assert said[1].startswith("ClickHouse does not answer: ") and "AFTERCARE_CLICKHOUSE_URL" in said[1]


GIVES_UP = """
import django
django.setup()
from django.conf import settings
from aftercare.kernel.errors import Refused
from aftercare.serve import engines as built
built.PATIENCE_S = 0.5
engines = built.Engines(settings.CONFIG)
try:
    engines.start()
except Refused as refused:
    print(refused.sentence)
engines.stop()
"""


def first_words(**environment: str) -> str:
    """What `serve` says when it gives up, with little patience."""
    with tempfile.TemporaryDirectory(prefix="aftercare-trouble-") as place:
        return beside(Service(Path(place) / "data", **environment), GIVES_UP)
