"""Notify forgets what was sent long ago, but never what an open page needs."""

from datetime import timedelta

import pytest

from aftercare.notify.engine import history
from aftercare.notify.models import Delivery
from aftercare.oncall.actions import close_page
from aftercare.oncall.models import PageNotice
from aftercare.oncall.tests.cast import Duty

DAY = timedelta(days=1)


def test_it_works(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_last", [])
    page = duty.page()
    Delivery.objects.update(state="sent")
    now = duty.now + history.KEEP + DAY
    assert history.forget_old_deliveries(now) == 0
    close_page(subject_ref="inc-1", now=now)
    assert history.forget_old_deliveries(now + timedelta(minutes=1)) == 1
    assert PageNotice.objects.get(page=page).delivery is None
    shown = duty.world.client("eng").get(f"/pages/{page.ref}").content.decode()
    assert "no longer kept" in shown and "Console push" in shown
