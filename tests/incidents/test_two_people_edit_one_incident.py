"""Two people edit one incident: whoever saves second sees what the first one wrote, and nothing is overwritten: its
title and severity, its roles, its tasks, what customers are told.
"""

import threading
from typing import Any

import pytest
from django.db import connection

from aftercare.incidents.models import Incident, Kind, Participant, Task, Update
from aftercare.incidents.tests.scene import open_alert
from tests.world import World, make_world


def drawn(incident: Incident, **more: str) -> dict[str, str]:
    """The form as it was drawn, with these words typed into it."""
    facts = {"title": incident.title, "title_zh": incident.title_zh, "severity": incident.severity}
    return {**facts, **{f"seen_{name}": value for name, value in facts.items()}, **more}


@pytest.fixture
def incident(world: World) -> Incident:
    """Starlight's, just opened."""
    open_alert(world, at=world.now)
    return Incident.objects.get()


def test_its_title_and_severity(world: World, incident: Incident) -> None:
    address = f"/incidents/{incident.ref}/edit"
    lin, mei = world.client("eng"), world.client("mei")
    assert lin.post(address, drawn(incident, title="The uplink of Shanghai")).status_code == 302
    answer = mei.post(address, drawn(incident, title="DNS in Shanghai", severity="warning", reason="Few feel it"))
    page = answer.content.decode()
    assert answer.status_code == 409 and "Nothing is overwritten" in page
    assert "The uplink of Shanghai" in page and "DNS in Shanghai" in page and "Few feel it" in page, "both stand there"
    kept = Incident.objects.get()
    assert (kept.title, kept.severity) == ("The uplink of Shanghai", "red")
    assert mei.post(address, drawn(kept, title="The uplink of Shanghai, and DNS")).status_code == 302
    assert Incident.objects.get().title == "The uplink of Shanghai, and DNS"
    assert lin.post(address, drawn(incident, title="The uplink of Shanghai, and DNS")).status_code == 302, "the same"
    assert incident.timeline.filter(kind=Kind.REWORDED).count() == 2


def test_a_role(world: World, incident: Incident) -> None:
    address = f"/incidents/{incident.ref}/roles"
    said = {"role": "commander", "seen": ""}
    assert world.client("eng").post(address, {**said, "person": world.eng.ref}).status_code == 302
    answer = world.client("mei").post(address, {**said, "person": world.mei.ref})
    assert answer.status_code == 409 and "Commander is Lin by now" in answer.content.decode()
    assert Participant.objects.get().user == world.eng
    assert (
        world.client("mei")
        .post(address, {"role": "commander", "seen": world.eng.ref, "person": world.mei.ref})
        .status_code
        == 302
    )


def test_a_task(world: World, incident: Incident) -> None:
    lin, mei = world.client("eng"), world.client("mei")
    lin.post(f"/incidents/{incident.ref}/tasks", {"title": "Look at the uplink"})
    task = Task.objects.get()
    address = f"/incidents/{incident.ref}/tasks/change"
    said = {"task": str(task.pk), "seen_title": "Look at the uplink", "seen_person": ""}
    assert lin.post(address, {**said, "title": "Look at both uplinks", "person": world.eng.ref}).status_code == 302
    answer = mei.post(address, {**said, "title": "Call the carrier", "person": ""})
    page = answer.content.decode()
    assert answer.status_code == 409 and "Look at both uplinks" in page and "Call the carrier" in page
    task.refresh_from_db()
    assert (task.title, task.owner) == ("Look at both uplinks", world.eng)


def test_what_customers_are_told(world: World, incident: Incident) -> None:
    address = f"/incidents/{incident.ref}/updates"
    facts = {"stage": "identified", "next_within": "30", "action": "send", "seen": "0"}
    first = {**facts, "body": "We found it.", "body_zh": "已定位。", "token": "a" * 32}
    second = {**facts, "body": "It is the uplink.", "body_zh": "上联故障。", "token": "b" * 32}
    assert world.client("eng").post(address, first).status_code == 302
    answer = world.client("mei").post(address, second)
    page = answer.content.decode()
    assert answer.status_code == 400 and "Lin sent update 1 while you wrote" in page
    assert "It is the uplink." in page and "We found it." in page and Update.objects.count() == 1
    assert 'name="seen" value="1"' in page
    assert world.client("mei").post(address, {**second, "seen": "1"}).status_code == 302
    assert list(Update.objects.order_by("number").values_list("body", flat=True)) == [first["body"], second["body"]]


def test_at_the_same_instant(transactional_db: Any) -> None:
    world = make_world()
    open_alert(world, at=world.now)
    incident = Incident.objects.get()
    start, answers = threading.Barrier(4), []
    people = [world.client(name) for name in ("eng", "mei", "ada", "eng")]

    def saves(number: int) -> None:
        try:
            start.wait(10)
            said = drawn(incident, title=f"Said by {number}")
            answers.append((number, people[number].post(f"/incidents/{incident.ref}/edit", said).status_code))
        finally:
            connection.close()

    threads = [threading.Thread(target=saves, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    [winner] = [number for number, status in answers if status == 302]
    assert sorted(status for _number, status in answers) == [302, 409, 409, 409]
    assert Incident.objects.get().title == f"Said by {winner}"
