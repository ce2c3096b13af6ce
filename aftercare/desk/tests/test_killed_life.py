"""kill -9 of a real server again and again while it takes the steps of tickets: each is taken, and once."""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service import ROOT, Service

DAYS = 86_400
SETUP = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
django.setup()
"""
WRITE = (
    SETUP
    + """
from aftercare.accounts.models import Customer, User
from aftercare.desk import actions
from aftercare.kernel.clock import utc_now
zhao, wang = User.objects.get(name="Zhao"), User.objects.get(name="Wang")
for n in range(40):
    ticket = actions.open_ticket(
        customer_id=zhao.customer_id, app_id=None, title=f"T{n}", severity="P4", body="x", opened_by=zhao, now=utc_now()
    )
    actions.resolve_ticket(ticket=ticket, user=wang, now=utc_now())
"""
)
READ = (
    SETUP
    + """
from django.db.models import Count, Q
from aftercare.desk.models import LifeStep, Ticket, Message
told = Message.objects.filter(side="system").values("ticket").annotate(n=Count("pk"))
events = Ticket.objects.filter(events__kind="closed").annotate(n=Count("events", filter=Q(events__kind="closed")))
print(len(told), sum(t["n"] for t in told), LifeStep.objects.filter(done_at=None).count(),
      Ticket.objects.filter(status="closed").count(), sum(t.n for t in events))
"""
)


def run(service: Service, code: str) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=service.environment, capture_output=True, text=True, check=True
    )
    return [int(word) for word in done.stdout.split()]


@pytest.fixture
def server() -> Iterator[Service]:
    with tempfile.TemporaryDirectory(prefix="aftercare-life-") as place:
        service = Service(Path(place) / "data")
        try:
            service.start(wait_s=200)
            service.seed()
            run(service, WRITE)
            service.kill()
            yield service
        finally:
            service.stop()


@pytest.mark.long
def test_each_step_is_taken_once(server: Service) -> None:
    chance = random.Random(4)
    server.environment["AFTERCARE_CLOCK_OFFSET_S"] = str(int(5.5 * DAYS))
    for _ in range(2):
        server.start(wait_s=200)
        time.sleep(chance.uniform(0.0, 0.6))
        server.kill()
    server.start(wait_s=200)
    server.wait_until(lambda: run(server, READ)[0] == 40)
    assert run(server, READ) == [40, 40, 40, 0, 0], "one notice each, one closing planned each"
    server.kill()
    server.environment["AFTERCARE_CLOCK_OFFSET_S"] = str(int(8 * DAYS))
    for _ in range(2):
        server.start(wait_s=200)
        time.sleep(chance.uniform(0.0, 0.6))
        server.kill()
    server.start(wait_s=200)
    server.wait_until(lambda: run(server, READ)[3] == 40)
    assert run(server, READ) == [40, 40, 0, 40, 40], "closed once each, and nothing is left to do"
