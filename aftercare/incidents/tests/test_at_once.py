"""People and alerts at the same moment: whoever locks an incident and its page never ends in PostgreSQL's deadlock."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from aftercare.incidents.actions import acknowledge_incident, note_escalation, resolve_incident, take_alerts
from aftercare.incidents.actions.ending import close_alerts
from aftercare.incidents.models import Incident
from aftercare.incidents.tests.scene import open_alert
from aftercare.notify.engine.claims import claim_pushes
from aftercare.notify.models import Delivery
from aftercare.oncall.actions import acknowledge_page, escalate_page
from aftercare.oncall.models import Page
from aftercare.watch.models import Alert
from tests.world import World, make_world

ROUNDS = 12
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[], Any]) -> list[Exception]:
    """Do all of it at the same moment, each over a connection of its own; returns what went wrong."""
    gate, wrong = threading.Barrier(len(deeds)), list[Exception]()

    def run(deed: Callable[[], Any]) -> None:
        try:
            gate.wait(10)
            deed()
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return wrong


def warned(world: World) -> tuple[Incident, Page]:
    """A fresh incident with a warning and its page, whose pushes wait to go out."""
    take_alerts(alert_ids=[open_alert(world, at=world.now, told=False, severity="warning").pk], now=world.now)
    incident = Incident.objects.order_by("-pk")[0]
    return incident, Page.objects.get(subject_ref=incident.ref)


def over(incident: Incident, now: Any) -> None:
    """The alert's closing, as the watch tells it."""
    alert = Alert.objects.get(pk=incident.alerts.get().alert_id)
    with transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(closed_at=now, close_reason="recovered")
        close_alerts(alert_ids=[alert.pk], now=now)


def test_acknowledging_while_it_recovers_and_the_page_goes_out() -> None:
    world = make_world()
    for _ in range(ROUNDS):
        incident, page = warned(world)
        now = world.now + MINUTE
        wrong = at_once(
            lambda page=page, now=now: acknowledge_page(page=page, user=world.eng, via="phone", now=now),
            lambda incident=incident, now=now: over(incident, now),
            lambda now=now: claim_pushes(now),
            lambda page=page, now=now: escalate_page(page=page, user=world.mei, now=now),
        )
        assert wrong == []
        incident.refresh_from_db()
        page.refresh_from_db()
        assert (incident.status, page.state) == ("resolved", "closed")


def test_acknowledging_while_a_red_alert_joins() -> None:
    world = make_world()
    for _ in range(ROUNDS):
        incident, page = warned(world)
        red = open_alert(world, at=world.now, told=False)
        now = world.now + MINUTE
        wrong = at_once(
            lambda red=red, now=now: take_alerts(alert_ids=[red.pk], now=now),
            lambda page=page, now=now: acknowledge_page(page=page, user=world.eng, via="phone", now=now),
            lambda incident=incident, now=now: acknowledge_incident(incident=incident, user=world.mei, now=now),
            lambda now=now: claim_pushes(now),
        )
        assert wrong == []
        Alert.objects.update(closed_at=now, close_reason="recovered")
        resolve_incident(incident=incident, user=world.eng, now=now)


def test_a_push_that_is_going_out_is_not_waited_for() -> None:
    """The sender holds a row and needs the incident; who acknowledges holds the incident and would need the row."""
    world = make_world()
    incident, page = warned(world)
    taken, done = threading.Event(), threading.Event()

    def sender() -> None:
        with transaction.atomic():
            list(Delivery.objects.select_for_update().filter(subject_ref=page.ref))
            taken.set()
            assert done.wait(20), "whoever acknowledges waits for the sender"

    def person() -> None:
        taken.wait(10)
        acknowledge_page(page=page, user=world.eng, via="phone", now=world.now + MINUTE)
        note_escalation(incident_ref=incident.ref, user_ids=[], by_user_id=None, now=world.now + MINUTE)
        done.set()

    assert at_once(sender, person) == []
