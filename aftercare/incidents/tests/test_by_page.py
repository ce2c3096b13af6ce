"""Ending an incident, and handing it over, by the page that woke somebody: as on its own page."""

import pytest

from aftercare.accounts import access
from aftercare.audit.models import Entry
from aftercare.incidents.models import Incident, Status
from aftercare.notify import actions as notify
from aftercare.oncall.models import Page
from aftercare.oncall.tokens import link_path
from aftercare.watch.models import Alert
from tests.world import World


@pytest.fixture(autouse=True)
def telemetry_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aftercare.incidents.evidence.metric_series", lambda *args, **more: [])
    monkeypatch.setattr("aftercare.incidents.evidence.worst_sessions", lambda *args, **more: [])


def link_of(world: World, **more: object) -> str:
    """The small page of the incident's page, for Lin."""
    page = Page.objects.get()
    Page.objects.update(opened_at=world.now)
    page.refresh_from_db()
    return link_path(page, world.eng)


def test_by_the_link_it_is_resolved_in_the_persons_name(world: World, incident: Incident) -> None:
    Alert.objects.update(closed_at=world.now, close_reason="recovered")
    assert world.client().post(link_of(world), {"action": "resolve"}).status_code == 302
    incident.refresh_from_db()
    assert (incident.status, incident.resolved_by, Page.objects.get().state) == (Status.RESOLVED, world.eng, "closed")
    actions = list(Entry.objects.filter(actor_id=world.eng.pk).values_list("action", flat=True))
    assert {"incident.resolve", "page.resolve"} <= set(actions)


def test_while_an_alert_is_open_it_is_refused_with_the_same_sentence(world: World, incident: Incident) -> None:
    answer = world.client().post(link_of(world), {"action": "resolve"})
    assert answer.status_code == 409
    assert "It is not over yet: Stall rate of Starlight Live is 7.9% (limit 5%)." in answer.content.decode()
    incident.refresh_from_db()
    assert (incident.status, Page.objects.get().state) == (Status.OPEN, "open")
    told = world.client().post(link_of(world), {"action": "resolve"}, headers={"accept": "application/json"})
    assert told.status_code == 409 and "It is not over yet" in told.json()["error"]


def test_who_may_not_act_on_incidents_is_told_so(
    world: World, incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    Alert.objects.update(closed_at=world.now, close_reason="recovered")
    granted = access.GRANTS["engineer"] - {"act_on_incidents"}
    monkeypatch.setitem(access.GRANTS, "engineer", granted)
    answer = world.client().post(link_of(world), {"action": "resolve"})
    assert answer.status_code == 409 and "Your role cannot resolve incidents." in answer.content.decode()
    assert Page.objects.get().state == "open"


def test_handing_over_is_in_the_story_and_wakes_the_colleague(world: World, incident: Incident) -> None:
    notify.add_contact(user=world.mei, channel="email", address="mei@x.example", verified=True, now=world.now)
    link = link_of(world)
    world.client().post(link)
    shown = world.client().get(link).content.decode()
    assert "Hand it over to a colleague" in shown and f'value="{world.mei.ref}"' in shown
    assert f'value="{world.eng.ref}"' not in shown and "Zhao" not in shown, "neither oneself nor customers' people"
    assert world.client().post(link, {"action": "hand_over", "to": world.mei.ref}).status_code == 302
    incident.refresh_from_db()
    page = Page.objects.get()
    assert (page.state, incident.status, incident.acknowledged_by) == ("open", Status.OPEN, None)
    assert page.notices.filter(firing=page.firings).first().user == world.mei
    story = world.client("eng").get(f"/incidents/{incident.ref}").content.decode()
    assert "Lin handed it over. Called now: Mei" in story
    assert "handed it over" not in world.client("zhao").get(f"/incidents/{incident.ref}").content.decode()


@pytest.mark.parametrize("who", ["zhao", "wang", "nobody", "", "\x00"])
def test_nobody_else_can_be_given_the_page(world: World, incident: Incident, who: str) -> None:
    ref = {"zhao": world.zhao.ref, "wang": world.agent.ref}.get(who, who)
    answer = world.client().post(link_of(world), {"action": "hand_over", "to": ref})
    assert answer.status_code == 409 and Page.objects.get().firings == 1


def test_in_the_console(world: World, incident: Incident) -> None:
    page, client = Page.objects.get(), world.client("eng")
    shown = client.get(f"/pages/{page.ref}").content.decode()
    assert "Hand it over to a colleague" in shown and "It is resolved" in shown
    assert client.post(f"/pages/{page.ref}/handover", {"to": world.mei.ref}).status_code == 302
    assert client.post(f"/pages/{page.ref}/handover", {"to": "zzz"}).status_code == 400
    refused = client.post(f"/pages/{page.ref}/resolution", headers={"accept": "application/json"})
    assert refused.status_code == 409 and "not over yet" in refused.json()["error"]
    Alert.objects.update(closed_at=world.now, close_reason="recovered")
    assert client.post(f"/pages/{page.ref}/resolution").status_code == 302
    assert Page.objects.get().state == "closed"


@pytest.mark.parametrize(("name", "status"), [("stranger", 404), ("zhao", 404), ("viewer", 404), ("agent", 403)])
@pytest.mark.parametrize("deed", ["handover", "resolution"])
def test_walls(world: World, incident: Incident, name: str, status: int, deed: str) -> None:
    page = Page.objects.get()
    assert world.client(name).post(f"/pages/{page.ref}/{deed}", {"to": world.mei.ref}).status_code == status
    assert Page.objects.get().state == "open" and Page.objects.get().firings == 1
