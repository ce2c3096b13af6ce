"""Alerts as the watch room would open them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from aftercare.incidents.models import Incident
from aftercare.kernel.events import publish
from aftercare.watch.events import AlertClosed, AlertOpened
from aftercare.watch.models import Alert, CloseReason, Monitor
from tests.world import World

OPEN_AT = timedelta(minutes=-10)


def open_alert(world: World, *, at: datetime, told: bool = True, **more: Any) -> Alert:
    """An alert of Starlight Live that has just opened, its event published if `told`: 7.9% stalled, limit 5%.

    `app` None makes it one about all apps of Starlight Show.
    """
    app = more.pop("app", world.show_app)
    customer = app.customer if app else world.show
    asked = {
        "metric": more.pop("metric", "stall_rate"),
        "filters": more.pop("filters", {}),
        "comparison": more.pop("comparison", "above"),
        "threshold": more.pop("threshold", 5.0),
        "window_s": 60,
        "severity": more.pop("severity", "red"),
    }
    monitor = Monitor.objects.create(customer=customer, app=app, fire_after=2, resolve_after=3, created_at=at, **asked)
    figures = {"first_value": 7.9, "worst_value": 7.9, "volume": 1_200_000, **more}
    alert = Alert.objects.create(monitor=monitor, customer=customer, app=app, opened_at=at, **asked, **figures)
    if told:
        publish(AlertOpened(alert_id=alert.pk, at=at))
    return alert


def close_alert(alert: Alert, *, at: datetime, reason: str = CloseReason.RECOVERED) -> None:
    """The alert recovers."""
    Alert.objects.filter(pk=alert.pk).update(closed_at=at, close_reason=reason)
    publish(AlertClosed(alert_id=alert.pk, at=at))


@pytest.fixture
def incident(world: World) -> Incident:
    """Starlight's open incident, ten minutes old."""
    open_alert(world, at=world.now + OPEN_AT)
    return Incident.objects.get()
