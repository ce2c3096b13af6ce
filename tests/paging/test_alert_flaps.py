"""An alert of another system that goes off and on under one subject wakes once while it lasts."""

from typing import Any

import pytest

from aftercare.oncall.models import Page
from aftercare.watch.outside import door
from tests.alerts.outside import alertmanager, sender
from tests.paging.night import Night


def test_told_again_and_again(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    door.PAYLOADS.forget()
    monkeypatch.setattr("aftercare.watch.outside.door.utc_now", lambda: night.now)
    theirs: Any = sender(night.world, "alertmanager")
    night.world.now = night.now
    for _again in range(5):
        assert theirs.post(alertmanager()).status_code == 200
        night.wait(10)
    assert night.heard() == ["Lin text"]
    assert Page.objects.count() == 1
    theirs.post(alertmanager("resolved"))
    assert Page.objects.get().state == "closed"
    night.silence()
