"""The pages of an assurance, for the provider's people, the customer's and strangers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aftercare.accounts.models import App
from aftercare.incidents.assurance.checklist import add_item
from aftercare.incidents.assurance.engine import switch_due
from aftercare.incidents.assurance.log import write_decision
from aftercare.incidents.models import Assurance, Incident
from aftercare.incidents.tests.gala import DAY, HOUR, MINUTE, make_gala, with_rules
from aftercare.incidents.tests.scene import open_alert
from aftercare.watch.models import Monitor
from tests.world import World

POSTS = (
    *("readiness", "cancellation", "ending", "rehearsal", "items", "items/done", "items/open", "items/owner", "rules"),
    *("rules/removal", "duty", "duty/removal", "decisions", "lessons", "publication"),
)
PAGES = ("", "/board", "/board/live")


def said(world: World, **more: Any) -> dict[str, Any]:
    """The form of a new one as a browser sends it."""
    return {
        "title": "New Year",
        "title_zh": "跨年晚会",
        "apps": [world.show_app.ref],
        "starts_at": "2027-12-31T20:00",
        "ends_at": "2028-01-01T00:30",
        "zone": "Asia/Shanghai",
        "expected_concurrent": "62000",
        "lead": world.eng.ref,
        "freezes": "on",
        "war_room": "https://meet.example/1",
        "token": "a" * 32,
        **more,
    }


@pytest.fixture
def soon(world: World) -> dict[str, str]:
    """Times of a gala that is near enough whatever today is."""
    day = world.now.date() + timedelta(days=20)
    return {"starts_at": f"{day}T20:00", "ends_at": f"{day}T23:30"}


def test_it_is_planned_in_wall_clock_of_its_zone(world: World, soon: dict[str, str]) -> None:
    client = world.client("eng")
    assert client.get("/assurance/new").status_code == 200
    for _twice in range(2):
        answer = client.post("/assurance/new", said(world, **soon))
        assert answer.status_code == 302, answer.content.decode()[:2000]
    gala = Assurance.objects.get()
    assert gala.starts_at == datetime.fromisoformat(soon["starts_at"]).replace(tzinfo=UTC) - timedelta(hours=8)
    page = client.get(gala.path).content.decode()
    for words in ("12 of 12 things are open", "Asia/Shanghai", "62,000", "the usual peak is being measured", "Lin"):
        assert words in page
    assert gala.path in client.get("/assurance").content.decode()
    answer = client.post(f"{gala.path}/plan", said(world, **soon, title="Renamed"))
    assert answer.status_code == 302
    assert "Renamed" in client.get(gala.path).content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"ends_at": "2020-01-01T00:00"}, "end must lie after"),
        ({"zone": "Mars/Olympus"}, "no time zone"),
        ({"title": "", "title_zh": ""}, "in one sentence"),
        ({"war_room": "javascript:alert(1)"}, "valid URL"),
        ({"apps": []}, "required"),
        ({"starts_at": "soon"}, "valid date"),
        ({"expected_concurrent": "-1"}, "greater than"),
    ],
)
def test_a_plan_that_makes_no_sense_keeps_what_was_good(
    world: World, soon: dict[str, str], wrong: dict[str, Any], words: str
) -> None:
    answer = world.client("eng").post("/assurance/new", said(world, **(soon | wrong)))
    page = answer.content.decode()
    assert (answer.status_code == 400 and words in page and "meet.example/1" in page) or "war_room" in wrong
    assert not Assurance.objects.exists()


def test_an_event_in_the_past_is_refused(world: World) -> None:
    day = world.now.date() - DAY
    answer = world.client("eng").post(
        "/assurance/new", said(world, starts_at=f"{day}T20:00", ends_at=f"{world.now.date() + DAY}T23:00")
    )
    assert answer.status_code == 400 and "in the future" in answer.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_finds_nothing(world: World, path: str) -> None:
    gala = make_gala(world)
    assert world.client("stranger").get(f"{gala.path}{path}").status_code == 404
    assert world.client("zhao").get(f"{gala.path}{path}").status_code == 200
    assert gala.ref not in world.client("stranger").get("/assurance").content.decode()
    assert world.client().get(f"{gala.path}{path}").status_code == 302


@pytest.mark.parametrize("path", POSTS)
def test_deeds_are_the_providers(world: World, path: str) -> None:
    gala = make_gala(world)
    assert world.client("stranger").post(f"{gala.path}/{path}").status_code == 404
    assert world.client("viewer").post(f"{gala.path}/{path}").status_code == (403 if path == "items/done" else 404)
    assert world.client("agent").post(f"{gala.path}/{path}").status_code == 403
    assert world.client("eng").get(f"{gala.path}/{path}").status_code == 405


@pytest.mark.parametrize("path", ["/assurance/new", "/assurance/checklist"])
def test_customers_plan_nothing(world: World, path: str) -> None:
    assert world.client("zhao").get(path).status_code == 404
    assert world.client("zhao").post(path).status_code == 404


def test_a_customers_people_tick_what_is_theirs_alone(world: World) -> None:
    gala = make_gala(world, apps=[world.show_app, world.social_app])
    add = {"assurance": gala, "due_at": gala.starts_at - DAY, "actor": world.ada, "now": world.now}
    theirs = add_item(**add, title="Backup stream of Starlight", owner=None, customer=world.show)
    others = add_item(**add, title="Whisper's own thing", owner=None, customer=world.social)
    ours = add_item(**add, title="Capacity of ours", owner=world.eng)
    client = world.client("zhao")
    page = client.get(gala.path).content.decode()
    assert "Backup stream of Starlight" in page
    for words in ("Whisper", "Capacity of ours", "62,000", "Tighter alert rules"):
        assert words not in page, words
    for item in (others, ours):
        assert client.post(f"{gala.path}/items/done", {"item": item.pk}).status_code == 409
    assert client.post(f"{gala.path}/items/done", {"item": theirs.pk, "note": "tried it"}).status_code == 302
    assert [item.pk for item in gala.items.exclude(done_at=None)] == [theirs.pk]


def test_a_customer_reads_decisions_that_are_for_customers(world: World) -> None:
    gala = make_gala(world)
    client = world.client("eng")
    client.post(f"{gala.path}/decisions", {"text": "<b>Bitrate</b> down", "for_customers": "1", "from": "board"})
    write_decision(assurance=gala, text="They did not pay", actor=world.eng, now=world.now)
    for path in PAGES:
        page = world.client("zhao").get(f"{gala.path}{path}").content.decode()
        assert "&lt;b&gt;Bitrate&lt;/b&gt; down" in page and "<b>Bitrate" not in page
        assert "They did not pay" not in page
        assert "They did not pay" in client.get(f"{gala.path}{path}").content.decode()
    assert client.post(f"{gala.path}/decisions", {"text": " \x00 "}).status_code == 409
    assert client.post(f"{gala.path}/decisions", {"text": "x" * 2001}).status_code == 409


def test_rules_and_duty_are_chosen_on_the_page(world: World) -> None:
    gala = make_gala(world)
    usual = with_rules(world, gala)
    client = world.client("eng")
    gala.rules.all().delete()
    chosen = {"monitors": [one.ref for one in usual[:2]], "percent": "40", "fire_after": "1", "severity": "red"}
    assert client.post(f"{gala.path}/rules", chosen).status_code == 302
    rules = list(gala.rules.all())
    assert len(rules) == 2
    assert client.post(f"{gala.path}/rules", chosen).status_code == 302
    assert gala.rules.count() == 2, "the same again replaces"
    for wrong in ({"percent": "99"}, {"monitors": ["zzz"]}, {"percent": ""}, {"window_s": "7"}):
        assert client.post(f"{gala.path}/rules", chosen | wrong).status_code == 409
    page = client.get(gala.path).content.decode()
    assert "Tighter alert rules" in page and "Leave it out" in page
    last = gala.rules.last()
    assert last is not None
    assert client.post(f"{gala.path}/rules/removal", {"rule": last.pk}).status_code == 302
    assert client.post(f"{gala.path}/rules/removal", {"rule": "x"}).status_code == 409
    assert gala.rules.count() == 1
    switch_due(gala.starts_at)
    assert client.post(f"{gala.path}/rules", chosen).status_code == 409
    rule = Monitor.objects.get(kept_by=gala.path)
    assert f"/monitors/{rule.ref}" in client.get(gala.path).content.decode()


def test_states_change_on_the_page(world: World) -> None:
    gala = make_gala(world)
    client = world.client("eng")
    for value, state in (("1", "ready"), ("1", "ready"), ("0", "planned")):
        client.post(f"{gala.path}/readiness", {"ready": value})
        gala.refresh_from_db()
        assert gala.state == state
    assert gala.entries.filter(kind="ready").count() == 1
    client.post(f"{gala.path}/rehearsal", {"text": "held at twice the peak"})
    assert "held at twice the peak" in client.get(gala.path).content.decode()
    assert client.post(f"{gala.path}/ending").status_code == 409
    assert client.post(f"{gala.path}/cancellation").status_code == 302
    assert client.post(f"{gala.path}/cancellation").status_code == 409
    assert client.get(f"{gala.path}/summary").status_code == 404


def test_an_app_that_left_takes_its_customer_along(world: World) -> None:
    gala = make_gala(world, apps=[world.show_app, world.social_app])
    assert world.client("stranger").get(gala.path).status_code == 200
    when = {"starts_at": gala.starts_at, "ends_at": gala.ends_at}
    local = {name: (at + 8 * HOUR).strftime("%Y-%m-%dT%H:%M") for name, at in when.items()}
    answer = world.client("eng").post(f"{gala.path}/plan", said(world, **local))
    assert answer.status_code == 302
    assert list(gala.apps.all()) == [App.objects.get(pk=world.show_app.pk)]
    assert world.client("stranger").get(gala.path).status_code == 404


def test_an_incident_during_an_event_leads_to_its_board(world: World) -> None:
    gala = make_gala(world, starts_at=world.now - HOUR, now=world.now - 9 * DAY)
    open_alert(world, at=world.now - MINUTE)
    incident = Incident.objects.get()
    client = world.client("eng")
    assert f"{gala.path}/board" not in client.get(f"/incidents/{incident.ref}").content.decode()
    switch_due(world.now)
    for reader in (client, world.client("zhao")):
        assert f"{gala.path}/board" in reader.get(f"/incidents/{incident.ref}").content.decode()
    switch_due(gala.ends_at)
    assert f"{gala.path}/board" not in client.get(f"/incidents/{incident.ref}").content.decode()
