"""Escalation policies, rules, management escalation and rooms over the API."""

from typing import Any

import pytest

from aftercare.oncall.models import EscalationPolicy
from aftercare.oncall.tests.cast import Duty, duty
from tests.api.calling import Program
from tests.world import World

__all__ = ["duty"]


@pytest.fixture
def program(world: World) -> Program:
    return Program(world, world.ada)


def sent(program: Program, method: str, path: str, body: Any = None) -> Any:
    send = getattr(program.client, method)
    return send(f"/api/v1{path}", body, content_type="application/json") if body is not None else send(f"/api/v1{path}")


def test_it_works(duty: Duty, program: Program, world: World) -> None:
    room = sent(program, "post", "/escalation-rooms", {"name": "Bridge", "address": "https://hooks.example.com/x"})
    assert room.status_code == 201 and room.json()["secret"].startswith("whsec_")
    assert sent(program, "get", "/escalation-rooms").json()[0]["secret"] is None
    steps = [
        {"kind": "webhook", "ref": room.json()["ref"]},
        {"kind": "schedule", "ref": duty.primary.ref, "delay_s": 120},
        {"kind": "person", "ref": world.mei.ref},
    ]
    made = sent(program, "post", "/escalation-policies", {"name": "Key", "steps": steps, "repeat": None})
    assert made.status_code == 201, made.content
    policy = made.json()
    assert (policy["version"], policy["default"], policy["repeat"]) == (1, False, None)
    assert [step["delay_s"] for step in policy["steps"]] == [0, 120, 300]
    assert any("no confirmed contact method" in one for one in policy["warnings"])
    rule = {"customer": world.show.ref, "severity": "red", "policy": policy["ref"]}
    assert sent(program, "post", "/escalation-rules", rule).status_code == 201
    told = sent(program, "get", "/escalation-rules").json()
    assert told["sentences"][0] == "A red page of Starlight Show goes by “Key”."
    assert sent(program, "delete", f"/escalation-policies/{policy['ref']}").status_code == 409
    assert sent(program, "delete", f"/escalation-rules/{told['rules'][0]['ref']}").status_code == 204
    assert sent(program, "delete", f"/escalation-rooms/{room.json()['ref']}").status_code == 409
    edit = {"name": "Key", "steps": steps[1:], "repeat": 1, "version": 1, "default": True}
    assert sent(program, "put", f"/escalation-policies/{policy['ref']}", edit).json()["default"]
    assert sent(program, "put", f"/escalation-policies/{policy['ref']}", edit).status_code == 409, "changed since"
    assert EscalationPolicy.objects.get(is_default=True).name == "Key"
    assert sent(program, "delete", f"/escalation-rooms/{room.json()['ref']}").status_code == 204


def test_the_management_escalation(duty: Duty, program: Program, world: World) -> None:
    rungs = [{"minutes": 30, "person": world.ada.ref, "until": "over", "title": "Director"}]
    answer = sent(program, "put", "/management-escalation", rungs)
    assert answer.json() == [{**rungs[0], "severity": "red"}]
    assert sent(program, "get", "/management-escalation").json() == answer.json()
    assert sent(program, "put", "/management-escalation", [{**rungs[0], "minutes": 0}]).status_code == 409
    assert sent(program, "put", "/management-escalation", [{**rungs[0], "person": world.zhao.ref}]).status_code == 404
    assert sent(program, "put", "/management-escalation", []).json() == []


@pytest.mark.parametrize(("name", "reads", "writes"), [("eng", 200, 403), ("zhao", 404, 404), ("stranger", 404, 404)])
def test_walls(duty: Duty, world: World, name: str, reads: int, writes: int) -> None:
    program = Program(world, world.people[name])
    ref = EscalationPolicy.objects.get().ref
    for path in ("/escalation-policies", f"/escalation-policies/{ref}", "/escalation-rules", "/management-escalation"):
        assert sent(program, "get", path).status_code == reads, path
    assert sent(program, "delete", f"/escalation-policies/{ref}").status_code == writes
    assert sent(program, "put", "/management-escalation", []).status_code == writes
    assert sent(program, "get", "/escalation-rooms").status_code == writes
