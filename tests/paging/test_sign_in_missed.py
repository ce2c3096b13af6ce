"""Whoever does not sign in at the start of their shift is paged about, once, until they do."""

from datetime import timedelta

from aftercare.oncall import actions, handing_over
from aftercare.oncall.models import Handover, Page
from tests.paging.night import Night

MINUTE = timedelta(minutes=1)


def test_others_are_woken_and_the_sign_in_ends_it(night: Night) -> None:
    duty, world = night.duty, night.world
    document = duty.primary.document | {"sign-in": "10"}
    actions.save_schedule(schedule=duty.primary, name="Primary", document=document, actor=None, now=night.now)
    at = night.now + timedelta(weeks=1) - timedelta(hours=2)
    night.order(duty.backup)
    for minutes in (-15, 0, 9, 10, 11):
        night.now = at + minutes * MINUTE
        handing_over.process_shifts(night.now)
        night.work()
    assert night.heard() == ["Ada text"]
    page = Page.objects.get()
    assert page.title == "Mei has not signed in for Primary" and page.severity == "warning"
    handover = Handover.objects.get(schedule=duty.primary)
    assert world.client("mei").post(f"/oncall/handovers/{handover.ref}/sign-in").status_code == 302
    page.refresh_from_db()
    assert page.state == "closed"
    night.silence()
