"""kill -9, again and again, of two processes that take the steps of tickets: each is taken, and once."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service import ROOT, Service

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


TAKE = (
    SETUP
    + """
import sys
from datetime import timedelta
from aftercare.desk.engine.life import take_life_steps
from aftercare.kernel.clock import utc_now
print("ready", flush=True)
print(take_life_steps(utc_now() + timedelta(days=float(sys.argv[1]))))
"""
)


def run(service: Service, code: str) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=service.environment, capture_output=True, text=True, check=True
    )
    return [int(word) for word in done.stdout.split()]


def take(service: Service, days: float, *, kill_after_s: float | None) -> None:
    """Two processes at once take what is due in so many days; killed at that moment, or let finish."""
    command = [sys.executable, "-c", TAKE, str(days)]
    workers = [
        subprocess.Popen(command, cwd=ROOT, env=service.environment, stdout=subprocess.PIPE, text=True) for _ in "ab"
    ]
    for worker in workers:
        assert worker.stdout is not None and worker.stdout.readline() == "ready\n"
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        for worker in workers:
            worker.kill()
    for worker in workers:
        worker.communicate()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path / "data")
    try:
        service.start(wait_s=200)
        service.seed()
        run(service, WRITE)
        yield service
    finally:
        service.stop()


@pytest.mark.long
def test_each_step_is_taken_once(server: Service) -> None:
    chance = random.Random(4)
    for _ in range(3):
        take(server, 5.5, kill_after_s=chance.uniform(0.02, 0.3))
    take(server, 5.5, kill_after_s=None)
    assert run(server, READ) == [40, 40, 40, 0, 0], "one notice each, one closing planned each"
    take(server, 8, kill_after_s=chance.uniform(0.02, 0.3))
    take(server, 8, kill_after_s=None)
    assert run(server, READ) == [40, 40, 0, 40, 40], "closed once each, and nothing is left to do"
