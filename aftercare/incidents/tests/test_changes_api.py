"""A deploy system plans, announces, begins and ends a change; a customer's program reads and answers it."""

from datetime import timedelta
from typing import Any

from aftercare.incidents.models import Change
from aftercare.incidents.tests.changing import DAY, announced, begun, make_edge
from tests.world import World


def facts(world: World, **more: Any) -> dict[str, Any]:
    """What a deploy system sends."""
    at = world.now + 10 * DAY
    told = {"kind": "cutover", "title": "Switches", "plan": "Drain.", "risk": "medium", "rollback": "Fill."}
    span = {"starts_at": at.isoformat(), "ends_at": (at + timedelta(hours=1)).isoformat()}
    return {**told, **span, "resources": ["sh-edge-3"], "token": "a" * 32, **more}


def call(world: World, who: str, path: str, body: Any = None, method: str = "post") -> tuple[int, Any]:
    """A call, and what came back."""
    client = world.client(who)
    send = getattr(client, method)
    response = (
        send(f"/api/v1{path}", body, content_type="application/json")
        if body is not None
        else client.get(f"/api/v1{path}")
    )
    return response.status_code, response.json() if response.content else None


def test_a_deploy_system_takes_it_through(world: World) -> None:
    make_edge(world)
    made = [call(world, "eng", "/planned-changes", facts(world)) for _twice in range(2)]
    assert [status for status, _told in made] == [201, 201] and Change.objects.count() == 1
    ref = made[0][1]["ref"]
    assert made[0][1]["touched"][0]["customer"] == world.show.ref
    assert call(world, "eng", f"/planned-changes/{ref}/announcement", {})[1]["state"] == "announced"
    early = call(world, "eng", f"/planned-changes/{ref}/start", {})
    assert early[0] == 409 and "window" in early[1]["sentence"]
    begun(Change.objects.get(), world.now)
    assert call(world, "eng", f"/planned-changes/{ref}/start", {})[0] == 409, "nobody confirmed, nobody decided"
    assert call(world, "eng", f"/planned-changes/{ref}/start", {"decision": "Go."})[1]["state"] == "running"
    assert call(world, "eng", f"/planned-changes/{ref}/end", {"result": "great"})[0] == 409
    assert call(world, "eng", f"/planned-changes/{ref}/end", {"result": "done"})[1]["state"] == "done"


def test_a_customers_program_reads_and_answers_its_own(world: World) -> None:
    make_edge(world)
    change = announced(world, customers=[world.social])
    status, page = call(world, "zhao", "/planned-changes")
    (told,) = page["changes"]
    assert status == 200 and told["plan"] is None and told["owner"] is None
    assert [one["customer"] for one in told["touched"]] == [world.show.ref]
    said = {"answer": "confirm", "window": 1, "customer": world.social.ref}
    assert call(world, "zhao", f"/planned-changes/{change.ref}/answer", said)[1]["touched"][0]["answer"] == "confirm"
    assert change.customers.get(customer=world.social).answer == ""
    assert call(world, "zhao", f"/planned-changes/{change.ref}/answer", {**said, "window": 2})[0] == 409
    assert call(world, "zhao", f"/planned-changes/{change.ref}/start", {})[0] == 404
    assert call(world, "zhao", "/freezes")[0] == 404


def test_strangers_read_nothing(world: World) -> None:
    make_edge(world)
    change = announced(world)
    assert call(world, "stranger", "/planned-changes")[1]["changes"] == []
    assert call(world, "stranger", f"/planned-changes/{change.ref}")[0] == 404
    assert (
        call(world, "stranger", f"/planned-changes/{change.ref}/answer", {"answer": "confirm", "window": 1})[0] == 404
    )


def test_a_window_without_an_offset_is_on_its_wall_clock(world: World) -> None:
    make_edge(world)
    at = world.now + 20 * DAY
    span = {"starts_at": f"{at:%Y-%m-%d}T20:00:00", "ends_at": f"{at:%Y-%m-%d}T21:00:00"}
    made = call(world, "eng", "/planned-changes", facts(world, **span))[1]
    assert made["starts_at"].endswith("T12:00:00Z")
    ref = made["ref"]
    call(world, "eng", f"/planned-changes/{ref}/announcement", {})
    moved = {"starts_at": f"{at:%Y-%m-%d}T22:00:00", "ends_at": f"{at:%Y-%m-%d}T23:00:00"}
    assert call(world, "eng", f"/planned-changes/{ref}/window", moved, "put")[1]["window"] == 2
    assert call(world, "eng", f"/planned-changes/{ref}/postponement", {"reason": "x"})[1]["state"] == "postponed"
    assert call(world, "eng", f"/planned-changes/{ref}/cancellation", {"reason": "x"})[1]["state"] == "cancelled"


def test_freezes_are_made_and_lifted(world: World) -> None:
    make_edge(world)
    at = world.now + 9 * DAY
    body = {"name": "Gala", "starts_at": at.isoformat(), "ends_at": (at + 2 * DAY).isoformat()}
    assert call(world, "eng", "/freezes", body)[0] == 403
    made = call(world, "mei", "/freezes", body)[1]
    ref = call(world, "eng", "/planned-changes", facts(world))[1]["ref"]
    assert call(world, "eng", f"/planned-changes/{ref}/announcement", {})[0] == 409
    assert [one["ref"] for one in call(world, "eng", "/freezes")[1]] == [made["ref"]]
    assert call(world, "mei", f"/freezes/{made['ref']}", {}, "delete")[0] == 204
    assert call(world, "eng", f"/planned-changes/{ref}/announcement", {})[0] == 200


def test_what_it_names_must_exist(world: World) -> None:
    assert call(world, "eng", "/planned-changes", facts(world))[1]["sentence"] == "There is no “sh-edge-3” to choose."
    refused = call(world, "eng", "/planned-changes", facts(world, resources=[], timezone="Mars"))
    assert refused[0] == 409 and "time zone" in refused[1]["sentence"]
