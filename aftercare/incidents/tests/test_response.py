"""Roles with from and to, tasks, and the end of the effect apart from the end of the incident."""

from datetime import timedelta

import pytest

from aftercare.incidents.actions import finish_task, give_role, mark_mitigated, resolve_incident
from aftercare.incidents.models import Incident, Kind, Task
from aftercare.kernel.errors import Refused
from tests.world import World

MINUTE = timedelta(minutes=1)


def test_a_role_passes_from_one_to_the_next(world: World, incident: Incident) -> None:
    lin, ada = world.client("eng"), world.client("ada")
    assert (
        lin.post(f"/incidents/{incident.ref}/roles", {"role": "commander", "person": world.eng.ref}).status_code == 302
    )
    ada.post(f"/incidents/{incident.ref}/roles", {"role": "commander", "person": world.ada.ref})
    ada.post(f"/incidents/{incident.ref}/roles", {"role": "commander", "person": world.ada.ref})
    first, second = incident.participants.order_by("pk")
    assert (first.user, second.user, second.until_at) == (world.eng, world.ada, None)
    assert first.until_at == second.from_at
    assert incident.timeline.filter(kind=Kind.ROLE).count() == 2
    page = lin.get(f"/incidents/{incident.ref}").content.decode()
    assert "Commander: Ada, by Ada" in page
    ada.post(f"/incidents/{incident.ref}/roles", {"role": "commander", "person": ""})
    assert not incident.participants.filter(until_at=None).exists()


@pytest.mark.parametrize(("role", "person"), [("king", "eng"), ("scribe", "zhao")])
def test_who_cannot_hold_a_role(world: World, incident: Incident, role: str, person: str) -> None:
    whom = getattr(world, person)
    answer = world.client("eng").post(f"/incidents/{incident.ref}/roles", {"role": role, "person": whom.ref})
    assert answer.status_code == 409
    assert not incident.participants.exists()


def test_tasks_are_set_and_finished_once(world: World, incident: Incident) -> None:
    client, path = world.client("eng"), f"/incidents/{incident.ref}/tasks"
    client.post(path, {"title": "  move viewers\x00 to edge-2 ", "person": world.mei.ref})
    task = Task.objects.get()
    assert (task.title, task.owner) == ("move viewers to edge-2", world.mei)
    for _again in range(2):
        assert client.post(f"{path}/done", {"task": task.pk}).status_code == 302
    assert incident.timeline.filter(kind=Kind.TASK_DONE).count() == 1
    assert client.post(path, {"title": " "}).status_code == 409
    assert client.post(f"{path}/done", {"task": "x"}).status_code == 409


def test_another_incidents_task_is_none_of_this(world: World, incident: Incident) -> None:
    other = Incident.objects.create(title="Other", severity="red", opened_at=world.now)
    task = Task.objects.create(incident=other, title="theirs", added_at=world.now)
    with pytest.raises(Refused, match="no longer there"):
        finish_task(incident=incident, task_id=task.pk, actor=world.eng, now=world.now)


def test_the_effect_ends_before_the_incident(world: World, incident: Incident) -> None:
    for later in (MINUTE, 2 * MINUTE):
        mark_mitigated(incident=incident, actor=world.eng, now=world.now + later)
    incident.refresh_from_db()
    assert (incident.mitigated_at, incident.mitigated_by) == (world.now + MINUTE, world.eng)
    assert "The effect stopped" in world.client("zhao").get(f"/incidents/{incident.ref}").content.decode()
    resolve_incident(incident=incident, user=world.eng, anyway=True, now=world.now + 9 * MINUTE)
    assert incident.timeline.filter(kind=Kind.MITIGATED).count() == 1


def test_what_is_over_cannot_be_mitigated(world: World, incident: Incident) -> None:
    resolve_incident(incident=incident, user=world.eng, anyway=True, now=world.now)
    assert world.client("eng").post(f"/incidents/{incident.ref}/mitigation").status_code == 409


@pytest.mark.parametrize("path", ["mitigation", "roles", "tasks", "tasks/done"])
def test_none_of_it_is_the_customers(world: World, incident: Incident, path: str) -> None:
    assert world.client("stranger").post(f"/incidents/{incident.ref}/{path}").status_code == 404
    assert world.client("zhao").post(f"/incidents/{incident.ref}/{path}").status_code in (403, 404)
    page = world.client("zhao").get(f"/incidents/{incident.ref}").content.decode()
    assert "Who answers for what" not in page


def test_a_role_of_nobody_is_told_as_such(world: World, incident: Incident) -> None:
    give_role(incident=incident, role="scribe", user=world.mei, actor=world.ada, now=world.now)
    give_role(incident=incident, role="scribe", user=None, actor=world.ada, now=world.now)
    assert "Scribe: nobody, by Ada" in world.client("eng").get(f"/incidents/{incident.ref}").content.decode()


def test_a_zero_byte_in_what_a_form_names_is_nobody(world: World, incident: Incident) -> None:
    client, path = world.client("eng"), f"/incidents/{incident.ref}"
    for deed, said in (
        ("roles", {"role": "commander", "person": "a\x00b"}),
        ("tasks", {"title": "x\x00y", "person": "a\x00b"}),
        ("customers", {"customer": "a\x00b"}),
        ("tickets", {"ticket": "a\x00b"}),
    ):
        assert client.post(f"{path}/{deed}", said).status_code == 409, deed
    assert client.get(f"{path}/merging?with=a%00b").status_code == 200
