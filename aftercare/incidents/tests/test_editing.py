"""An incident's title and severity are corrected by hand, and what follows from a severity follows."""

from datetime import timedelta
from typing import Any

from django.test import Client

from aftercare.audit.models import Entry
from aftercare.clocks.models import Clock
from aftercare.incidents.models import Incident, Kind
from aftercare.incidents.telling.promise import clock_of
from aftercare.incidents.tests.scene import open_alert
from aftercare.oncall.models import Page
from tests.world import World

TITLE = "Publishing fails in Shanghai"


def sent(client: Client, incident: Incident, **more: str) -> Any:
    """The form as it is drawn, with these fields changed."""
    facts = {"title": incident.title, "title_zh": incident.title_zh, "severity": incident.severity}
    seen = {f"seen_{name}": value for name, value in facts.items()}
    return client.post(f"/incidents/{incident.ref}/edit", {**facts, **seen, **more})


def warned(world: World) -> Incident:
    """The incident of a warning of Starlight Live."""
    open_alert(world, at=world.now, severity="warning")
    return Incident.objects.get()


def test_raised_by_hand_it_wakes_and_owes_a_word(world: World) -> None:
    incident = warned(world)
    client = world.client("eng")
    client.post(f"/incidents/{incident.ref}/acknowledgement")
    answer = sent(client, incident, severity="red", reason="The whole of Shanghai says so", wakes="on")
    assert answer.status_code == 302
    incident.refresh_from_db()
    assert (incident.severity, incident.status) == ("red", "open"), "who took a warning has not yet taken this"
    page = Page.objects.get(subject_ref=incident.ref)
    assert (page.severity, page.state) == ("red", "open")
    assert clock_of(incident) is not None
    assert incident.customers.get().ticket.severity == "P2"
    line = incident.timeline.get(kind=Kind.SEVERITY_SET)
    assert line.actor == world.eng and line.data["text"] == "The whole of Shanghai says so"
    shown = client.get(f"/incidents/{incident.ref}").content.decode()
    assert "Lin set the severity to red" in shown and "The whole of Shanghai says so" in shown
    theirs = world.client("zhao").get(f"/incidents/{incident.ref}").content.decode()
    assert "The whole of Shanghai says so" not in theirs, "why is the provider's own business"
    assert Entry.objects.filter(action="incident.severity", actor_id=world.eng.pk).count() == 1


def test_raised_without_waking_calls_nobody(world: World) -> None:
    incident = warned(world)
    client = world.client("eng")
    client.post(f"/incidents/{incident.ref}/acknowledgement")
    sent(client, incident, severity="red", reason="I have it")
    incident.refresh_from_db()
    assert (incident.severity, incident.status) == ("red", "acknowledged")
    assert Page.objects.get(subject_ref=incident.ref).state == "acknowledged"


def test_lowered_by_hand_nobody_is_called_and_a_new_red_alert_raises_it(world: World, incident: Incident) -> None:
    assert sent(world.client("eng"), incident, severity="warning", reason="A test stream").status_code == 302
    incident.refresh_from_db()
    assert (incident.severity, incident.status, incident.acknowledged_by) == ("warning", "acknowledged", world.eng)
    assert Page.objects.get(subject_ref=incident.ref).state == "acknowledged"
    open_alert(world, at=world.now, metric="join_time")
    incident.refresh_from_db()
    assert (incident.severity, incident.status) == ("red", "open")


def test_a_severity_needs_a_reason_and_an_open_incident(world: World, incident: Incident) -> None:
    client = world.client("eng")
    answer = sent(client, incident, severity="warning")
    assert answer.status_code == 400 and "Say why the severity changes" in answer.content.decode()
    client.post(f"/incidents/{incident.ref}/resolution", {"anyway": "1"})
    answer = sent(client, incident, severity="warning", reason="Late")
    assert answer.status_code == 400 and "Grade it instead" in answer.content.decode()
    incident.refresh_from_db()
    assert incident.severity == "red"


def test_a_title_by_hand_stays_whatever_alerts_come(world: World) -> None:
    incident = warned(world)
    assert sent(world.client("eng"), incident, title=TITLE, title_zh="上海推流失败").status_code == 302
    open_alert(world, at=world.now + timedelta(minutes=1), metric="join_time")
    incident.refresh_from_db()
    assert (incident.severity, incident.title, incident.title_zh) == ("red", TITLE, "上海推流失败")
    assert "Lin gave it another title" in world.client("eng").get(f"/incidents/{incident.ref}").content.decode()
    for said, sentence in (({"title": " ", "title_zh": ""}, "Say in one sentence"), ({"title": "x" * 201}, "200")):
        answer = sent(world.client("eng"), incident, **said)
        assert answer.status_code == 400 and sentence in answer.content.decode()
    incident.refresh_from_db()
    assert incident.title == TITLE


def test_the_definitions_stand_where_one_is_chosen(world: World, incident: Incident) -> None:
    page = world.client("eng").get(f"/incidents/{incident.ref}/edit").content.decode()
    assert "whoever is on duty is woken at once. Customers are owed a first word within 15 min." in page
    assert "it waits for working hours and wakes nobody" in page


def test_a_stored_script_is_words(world: World, incident: Incident) -> None:
    bad = "<script>alert(1)</script>"
    assert sent(world.client("eng"), incident, title=bad, title_zh=bad).status_code == 302
    for name in ("eng", "zhao"):
        assert bad not in world.client(name).get(f"/incidents/{incident.ref}").content.decode()


def test_only_the_providers_own_may(world: World, incident: Incident) -> None:
    for name, status in (("zhao", 404), ("stranger", 404), ("success", 403)):
        answer = sent(world.client(name), incident, title="Nothing happened")
        assert answer.status_code in (status, 403, 404), name
        incident.refresh_from_db()
        assert incident.title != "Nothing happened"
    assert Clock.objects.filter(subject_ref=incident.ref).exists()
