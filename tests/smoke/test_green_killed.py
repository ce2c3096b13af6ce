"""A green call that was answered survives kill -9: who was to be woken is woken, and pressing again makes no second."""

import re
import subprocess
import sys

from tests.service import ROOT, Service
from tests.service import service as service
from tests.visitor import Visitor
from tests.world import PASSWORD

READ = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
django.setup()
from aftercare.clocks.models import Clock
from aftercare.desk.models import Emergency, EmergencyCall
from aftercare.oncall.models import Page
clocks = Clock.objects.filter(kind="green_answer")
print(Emergency.objects.count(), EmergencyCall.objects.count(), Page.objects.count(), clocks.count())
"""


def counted(service: Service) -> str:
    """Emergencies, calls, pages and clocks in the server's database."""
    command = [sys.executable, "-c", READ]
    done = subprocess.run(command, cwd=ROOT, env=service.environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def token_in(page: str) -> str:
    """The form's own token: what makes pressing twice one call."""
    found = re.search(r'name="token" value="([0-9a-f]{32})"', page)
    assert found is not None
    return found[1]


def test_answered_is_kept_and_pressed_again_is_one(service: Service) -> None:
    caller = Visitor(service.port)
    assert caller.sign_in("zhao@starlight.example", PASSWORD)
    token = token_in(caller.get("/green").text)
    answer = caller.post("/green", sentence="推流全断", token=token)
    assert (answer.status, answer.place[:7]) == (302, "/green/")
    service.kill()
    service.start(wait_s=120)
    again = caller.post("/green", sentence="推流全断", token=token)
    assert again.place == answer.place
    assert counted(service) == "1 1 1 1"
    service.wait_until(
        lambda: "went out at" in caller.get(answer.place).text or "送出" in caller.get(answer.place).text
    )
