"""Two engines and two senders at once take each step once and send each message once."""

from datetime import timedelta

from django.db import connection

from aftercare.notify.engine.sender import Sender
from aftercare.oncall import engine
from aftercare.oncall.models import Page
from aftercare.oncall.tests.test_two_workers import at_once
from tests.paging.night import Night

PAGES = 2


def test_every_step_and_message_once(open_night: Night) -> None:
    night = open_night
    for number in range(PAGES):
        night.page(subject_ref=f"inc-{number}")
    night.wait(1)
    assert night.heard() == ["Lin text"] * PAGES
    later = night.now + timedelta(minutes=5)

    def work() -> int:
        sender = Sender()
        taken = engine.process_due(later)
        sender.process_due(later)
        sender.close(5)
        connection.close()
        return taken

    assert sum(at_once(work, 3)) == PAGES
    night.now = later
    night.work()
    assert night.heard() == ["Ada text"] * PAGES
    assert set(Page.objects.values_list("firings", flat=True)) == {2}
    Page.objects.update(state="closed")
