"""The machine's clock jumps two hours ahead and three back: no loop dies, and nobody is paged twice for one thing."""

import json

from aftercare.notify.tests.receiver import Receiver
from tests.service import Service, now_ms
from tests.smoke.trouble import PAGE, answers_pages, arrives, beside, served, wait_until

LOOPS = """
import django, json
django.setup()
from django.db import connection
from aftercare.notify.models import Delivery
from aftercare.oncall.models import Page
print(json.dumps({
    "open": Page.objects.filter(state="open").count(),
    "pages": Page.objects.count(),
    "sent": sorted(Delivery.objects.filter(channel="webhook").values_list("title", flat=True)),
    "waiting": Delivery.objects.exclude(state__in=["sent", "failed", "dropped"]).count(),
}))
"""
ACKNOWLEDGE = """
import sys, django
django.setup()
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.oncall.actions import acknowledge_page
from aftercare.oncall.models import Page
user = User.objects.get(email="lin@provider.example")
for page in Page.objects.filter(subject_ref__in=sys.argv[1:]):
    acknowledge_page(page=page, user=user, via="console", now=utc_now())
"""


def jump(service: Service, seconds: int) -> None:
    """The same server with its clock so far off."""
    service.stop()
    service.environment["AFTERCARE_CLOCK_OFFSET_S"] = str(seconds)
    service.start()


def facts(service: Service) -> dict[str, object]:
    """What its database says."""
    found: dict[str, object] = json.loads(beside(service, LOOPS))
    return found


def test_it_works(receiver: Receiver) -> None:
    with served() as service:
        service.wake_by_webhook(receiver.url)
        for seconds in (0, 7200, -3600):
            if seconds:
                jump(service, seconds)
            about = f"at-{seconds}"
            status, said = service.samples([{"session": about, "ts": now_ms() + seconds * 1000, "interval_ms": 5000}])
            assert (status, said["accepted"]) == (200, 1), said
            beside(service, PAGE, about, about)  # asked twice: one page, one message
            arrives(receiver, about)
            beside(service, ACKNOWLEDGE, about)
            assert answers_pages(service)
        wait_until("everything was sent", lambda: facts(service)["waiting"] == 0)
        told = facts(service)
        assert (told["open"], told["pages"]) == (0, 3)
        assert told["sent"] == ["at--3600", "at-0", "at-7200"]
        assert "loop had an error" not in service.log()
        assert service.stop() < 10
        sums = service.telemetry("SELECT sum(reports) FROM r10s WHERE cut = ''")
        assert sums == service.telemetry("SELECT count() FROM samples") == [[3]]
