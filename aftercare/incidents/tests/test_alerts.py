"""Alerts become incidents, or join one."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from aftercare.desk.models import Ticket
from aftercare.incidents.models import Incident, IncidentAlert, Kind, Status
from aftercare.incidents.tests.scene import close_alert, open_alert
from aftercare.kernel.events import publish
from aftercare.notify.models import Delivery
from aftercare.oncall.models import Page
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.watch.events import AlertOpened
from aftercare.watch.models import Alert
from tests.world import World, make_world

MINUTE = timedelta(minutes=1)


def test_it_works(world: World) -> None:
    open_alert(world, at=world.now)
    incident, page, ticket = Incident.objects.get(), Page.objects.get(), Ticket.objects.get()
    assert incident.title == "Stall rate of Starlight Live is 7.9% (limit 5%)"
    assert incident.title_zh == f"“星光直播”{METRICS['stall_rate'].name_zh} 7.9%（限值 5%）"
    assert (page.subject_ref, page.severity, page.url_path) == (incident.ref, "red", f"/incidents/{incident.ref}")
    assert (ticket.customer, ticket.severity, ticket.incident_ref) == (world.show, "P2", incident.ref)
    assert ticket.title_zh == incident.title_zh
    assert ticket.evidence["state"] == "pending"
    assert ticket.evidence["value"] == 7.9
    assert ticket.evidence["definition"]["formula"] == "stall time / time present (pauses and starting included)"
    kinds = list(incident.timeline.order_by("pk").values_list("kind", flat=True))
    assert kinds == [Kind.OPENED, Kind.PAGED, Kind.TICKET_OPENED]


def test_an_alert_told_twice_counts_once(world: World) -> None:
    alert = open_alert(world, at=world.now)
    sent = Delivery.objects.count()
    publish(AlertOpened(alert_id=alert.pk, at=world.now))
    assert (Incident.objects.count(), Page.objects.count(), Ticket.objects.count()) == (1, 1, 1)
    assert Ticket.objects.get().messages.count() == 1
    assert Delivery.objects.count() == sent


def test_a_warning_after_red_joins_in_silence(world: World) -> None:
    open_alert(world, at=world.now)
    pages = Delivery.objects.filter(kind="page").count()
    open_alert(world, at=world.now + MINUTE, severity="warning", threshold=2.0)
    assert Incident.objects.count() == 1
    assert IncidentAlert.objects.count() == 2
    assert Delivery.objects.filter(kind="page").count() == pages
    assert Ticket.objects.get().messages.count() == 1


def test_red_after_warning_raises_and_pages_again(world: World) -> None:
    open_alert(world, at=world.now, severity="warning", threshold=2.0, first_value=2.4)
    ticket = Ticket.objects.get()
    assert ticket.severity == "P3"
    assert Page.objects.get().severity == "warning"
    open_alert(world, at=world.now + MINUTE)
    incident = Incident.objects.get()
    ticket.refresh_from_db()
    assert (incident.severity, incident.title) == ("red", "Stall rate of Starlight Live is 7.9% (limit 5%)")
    assert (Page.objects.get().severity, ticket.severity) == ("red", "P2")
    assert Ticket.objects.count() == 1
    assert "It is worse since" in ticket.messages.order_by("-pk")[0].body
    assert incident.timeline.filter(kind=Kind.SEVERITY_RAISED).count() == 1


def test_red_wakes_who_took_the_warning(world: World) -> None:
    open_alert(world, at=world.now, severity="warning", threshold=2.0)
    incident = Incident.objects.get()
    world.client("mei").post(f"/incidents/{incident.ref}/acknowledgement")
    assert Page.objects.get().state == "acknowledged"
    open_alert(world, at=world.now + MINUTE)
    incident.refresh_from_db()
    assert incident.status == Status.OPEN
    assert Page.objects.get().state == "open"


def test_another_measure_joins_and_the_ticket_hears_of_it(world: World) -> None:
    open_alert(world, at=world.now)
    open_alert(world, at=world.now + MINUTE, metric="start_success", comparison="below", threshold=95, first_value=91.2)
    assert Incident.objects.count() == 1
    messages = Ticket.objects.get().messages.order_by("pk")
    assert "Playback start success rate of Starlight Live is 91.2% (limit 95%)" in messages[1].body
    assert "播放成功率" in messages[1].body_zh


def test_after_two_hours_a_new_incident(world: World) -> None:
    open_alert(world, at=world.now)
    open_alert(world, at=world.now + timedelta(hours=2), metric="join_success")
    assert Incident.objects.count() == 2
    assert Ticket.objects.count() == 2


def test_a_resolved_incident_takes_no_more(world: World) -> None:
    alert = open_alert(world, at=world.now)
    close_alert(alert, at=world.now + MINUTE)
    open_alert(world, at=world.now + 2 * MINUTE)
    assert Incident.objects.count() == 2


def test_apps_do_not_mix(world: World) -> None:
    open_alert(world, at=world.now)
    open_alert(world, at=world.now, app=world.social_app)
    assert Incident.objects.count() == 2
    assert {t.customer for t in Ticket.objects.all()} == {world.show, world.social}


def test_the_last_recovery_resolves(world: World) -> None:
    first = open_alert(world, at=world.now)
    second = open_alert(world, at=world.now, metric="join_success", comparison="below", threshold=95)
    close_alert(first, at=world.now + MINUTE)
    incident = Incident.objects.get()
    assert incident.status == Status.OPEN
    close_alert(second, at=world.now + 12 * MINUTE)
    incident.refresh_from_db()
    assert (incident.status, incident.resolved_at) == (Status.RESOLVED, world.now + 12 * MINUTE)
    assert Page.objects.get().state == "closed"
    closed = incident.timeline.filter(kind=Kind.ALERT_CLOSED).order_by("pk")[0]
    assert closed.data["sentence"] == "Stall rate of Starlight Live (limit 5%), at worst 7.9%"
    last = Ticket.objects.get().messages.order_by("-pk")[0]
    assert "within their limits again" in last.body
    assert "12 min after it began" in last.body
    assert "12 分钟" in last.body_zh
    assert Ticket.objects.get().status == "open"


def test_a_recovery_told_twice_counts_once(world: World) -> None:
    alert = open_alert(world, at=world.now)
    close_alert(alert, at=world.now + MINUTE)
    told = Ticket.objects.get().messages.count()
    close_alert(alert, at=world.now + MINUTE)
    assert Ticket.objects.get().messages.count() == told


def test_an_alert_that_ends_with_its_rule_is_no_recovery(world: World) -> None:
    alert = open_alert(world, at=world.now)
    close_alert(alert, at=world.now + MINUTE, reason="deleted")
    last = Ticket.objects.get().messages.order_by("-pk")[0]
    assert "within their limits" not in last.body
    assert "The rule that saw this was changed" in last.body


def test_an_alert_that_ends_without_data_is_told_as_that(world: World) -> None:
    quiet = open_alert(world, at=world.now)
    other = open_alert(world, at=world.now, metric="join_success", comparison="below", threshold=95)
    close_alert(quiet, at=world.now + MINUTE, reason="unseen")
    close_alert(other, at=world.now + 2 * MINUTE)
    last = Ticket.objects.get().messages.order_by("-pk")[0]
    assert "No data is not the same as recovered" in last.body
    assert "无数据不等于已恢复" in last.body_zh
    page = world.client("zhao").get(f"/incidents/{Incident.objects.get().ref}").content.decode()
    assert "Whether it recovered is unknown" in page
    assert "Closed because no data comes any more: Stall rate" in page
    assert "rule" not in last.body.replace("as its rule says", "")


def test_data_that_came_back_and_recovered_is_a_recovery(world: World) -> None:
    quiet = open_alert(world, at=world.now)
    going_on = open_alert(world, at=world.now, metric="join_success", comparison="below", threshold=95)
    close_alert(quiet, at=world.now + MINUTE, reason="unseen")
    again = Alert.objects.get(pk=quiet.pk)
    again.pk, again.ref, again.closed_at, again.close_reason = None, "again", None, ""
    again.opened_at = world.now + 2 * MINUTE
    again.save()
    publish(AlertOpened(alert_id=again.pk, at=again.opened_at))
    close_alert(again, at=world.now + 3 * MINUTE)
    close_alert(going_on, at=world.now + 4 * MINUTE)
    assert Incident.objects.get().end_reason == "recovered"


def test_silence_is_not_a_number(world: World) -> None:
    open_alert(world, at=world.now, first_value=None, worst_value=None, volume=None, filters={"province": "Guangdong"})
    assert Incident.objects.get().title == "Nothing is reported for Stall rate of Starlight Live (Guangdong)"
    assert world.client("zhao").get(f"/tickets/{Ticket.objects.get().ref}").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_alerts_at_once_make_one_incident() -> None:
    world = make_world()
    alerts = [
        open_alert(world, at=world.now, told=False),
        open_alert(world, at=world.now, told=False, metric="join_success", comparison="below", threshold=95.0),
    ]
    ready = threading.Barrier(4)

    def tell(alert_id: int) -> None:
        ready.wait()
        try:
            with transaction.atomic():
                publish(AlertOpened(alert_id=alert_id, at=world.now))
        finally:
            connection.close()

    threads = [threading.Thread(target=tell, args=[alert.pk]) for alert in (*alerts, *alerts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Incident.objects.count(), IncidentAlert.objects.count(), Ticket.objects.count()) == (1, 2, 1)
    assert Page.objects.count() == 1
