"""The same trouble told by two systems wakes once: the second joins what the first opened."""

from typing import Any

import pytest

from aftercare.incidents.models import Incident
from aftercare.oncall.models import Page
from aftercare.watch.models import Alert
from aftercare.watch.outside import door
from tests.alerts.outside import alertmanager, grafana, sender
from tests.paging.night import Night


def test_the_second_joins(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    door.PAYLOADS.forget()
    monkeypatch.setattr("aftercare.watch.outside.door.utc_now", lambda: night.now)
    first: Any = sender(night.world, "alertmanager")
    second: Any = sender(night.world, "grafana")
    first.post(alertmanager())
    night.wait(5)
    second.post(grafana())
    night.wait(5)
    assert night.heard() == ["Lin text"]
    assert (Alert.objects.count(), Incident.objects.count(), Page.objects.count()) == (2, 1, 1)
    first.post(alertmanager("resolved"))
    assert Page.objects.get().state == "open", "the other still tells of it"
    second.post(grafana("resolved"))
    assert Page.objects.get().state == "closed"
    night.silence()
