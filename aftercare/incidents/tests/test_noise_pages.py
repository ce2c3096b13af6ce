"""Silences and rules are made, looked at, ended and moved on their pages; what waits says why and until when."""

import re
from datetime import timedelta
from typing import Any

from django.test import Client

from aftercare.audit.models import Entry
from aftercare.incidents.engine import process_due
from aftercare.incidents.models import HeldBack, Incident, InhibitionRule, Silence
from aftercare.incidents.noise.actions import make_rule, make_silence
from aftercare.incidents.noise.matching import Match
from aftercare.incidents.tests.scene import open_alert
from tests.world import World

HOUR = timedelta(hours=1)


def text(client: Client, path: str) -> str:
    """What a page says, without its tags."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def facts(world: World, **more: Any) -> dict[str, str]:
    """What the form posts."""
    told = {"reason": "Encoder swap", "lasts": "120", "app": world.show_app.ref, "token": "a" * 32}
    return {**told, **more}


def silenced(world: World, **more: Any) -> Silence:
    """One of Ada's that holds red alerts too, for an hour."""
    told = {"reason": "Encoder swap", "match": Match(app=world.show_app.ref), "holds_red": True, "starts_at": None}
    return make_silence(**{**told, "ends_at": world.now + HOUR, "actor": world.ada, "now": world.now, **more})


def test_it_works(world: World) -> None:
    eng = world.client("eng")
    assert "Nothing is silenced" in text(eng, "/silences")
    open_alert(world, at=world.now - HOUR, severity="warning", told=False)
    open_alert(world, at=world.now - HOUR, metric="join_time", told=False)
    seen = eng.post("/silences/new", {**facts(world), "look": "1"})
    assert "Would have held back 1 alert of the last 7 days" in seen.content.decode()
    assert "1 red alert that fits would have called all the same" in seen.content.decode()
    assert not Silence.objects.exists(), "looking makes none"

    for _press in range(2):
        made = eng.post("/silences/new", facts(world))
        silence = Silence.objects.get()
        assert (made.status_code, made["Location"]) == (302, f"/silences/{silence.ref}")
    assert silence.match == {"app": world.show_app.ref} and not silence.holds_red
    assert silence.ends_at - silence.starts_at == timedelta(hours=2)

    alert = open_alert(world, at=silence.starts_at, severity="warning")
    assert not Incident.objects.exists()
    page = text(eng, f"/silences/{silence.ref}")
    assert "1: 0 over, 0 called for, 1 waiting" in page and "Starlight Live" in page
    assert "Encoder swap" in text(eng, "/silences") and "1 alert held back: 1 by silences" in text(eng, "/")
    assert "Silenced by Lin: “Encoder swap”" in text(eng, "/silences/held")
    why = text(eng, f"/silences/held/{alert.ref}/why")
    assert "Nobody was called for this." in why and "Encoder swap" in why and "whoever is on duty is called" in why

    assert eng.post(f"/silences/{silence.ref}/end").status_code == 302
    silence.refresh_from_db()
    while process_due(silence.ends_at):
        pass
    assert Incident.objects.count() == 1
    assert "Encoder swap" in text(eng, "/silences?which=past") and "Encoder swap" not in text(eng, "/silences")
    assert "It went on to an incident" in text(eng, f"/silences/held/{alert.ref}/why")
    assert "held back" not in text(eng, "/")
    actions = Entry.objects.filter(subject=silence.ref).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["silence.create", "silence.end"]


def test_the_end_moves(world: World) -> None:
    silence = silenced(world)
    assert world.client("eng").post(f"/silences/{silence.ref}/until", {"lasts": "1440"}).status_code == 302
    silence.refresh_from_db()
    assert timedelta(hours=23) < silence.ends_at - world.now < timedelta(hours=25)
    world.client("eng").post(f"/silences/{silence.ref}/until", {"lasts": "99999999"})
    before, now = silence.ends_at, silence.refresh_from_db()
    assert now is None and silence.ends_at == before, "only what is offered"


def test_one_like_an_alert_is_made_from_its_page(world: World) -> None:
    alert = open_alert(world, at=world.now)
    eng = world.client("eng")
    why = eng.get(f"/silences/held/{alert.ref}/why").content.decode()
    assert f"/silences/new?alert={alert.ref}" in why
    form = eng.get(f"/silences/new?alert={alert.ref}").content.decode()
    assert f'value="monitor:{alert.monitor.ref}" selected' in form and f'value="{world.show.ref}" selected' in form
    assert "1 red alert that fits would have called all the same" in form
    incident = Incident.objects.get()
    assert f"/silences/new?incident={incident.ref}" in eng.get(f"/incidents/{incident.ref}").content.decode()
    form = eng.get(f"/silences/new?incident={incident.ref}").content.decode()
    assert f'value="monitor:{alert.monitor.ref}" selected' in form


def test_rejects_what_means_everything_or_nobody_could_explain(world: World) -> None:
    eng = world.client("eng")
    for wrong, said in (
        ({"app": ""}, "all of them at once cannot be"),
        ({"app": "", "metric": "*"}, "all of them at once cannot be"),
        ({"reason": " "}, "This field is required"),
        ({"lasts": "999999"}, "Select a valid choice"),
        ({"labels": "region"}, "“region” is not name=value."),
        ({"customer": world.social.ref + "x"}, "Select a valid choice"),
        ({"local_from": "2020-13-01T00:00"}, "valid date"),
        ({"token": "x"}, ""),
    ):
        answer = eng.post("/silences/new", facts(world, **wrong))
        assert answer.status_code == 400 and said in answer.content.decode(), wrong
    assert not Silence.objects.exists()
    late = facts(world, local_from=f"{world.now + timedelta(days=40):%Y-%m-%dT%H:%M}")
    assert "within 30 days" in eng.post("/silences/new", late).content.decode()


def test_a_reason_with_markup_stays_text(world: World) -> None:
    silence = silenced(world, reason="<script>alert(1)</script>")
    alert = open_alert(world, at=world.now)
    for path in ("/silences", f"/silences/{silence.ref}", "/silences/held", f"/silences/held/{alert.ref}/why"):
        page = world.client("eng").get(path).content.decode()
        assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page, path


def test_requires_the_capability_and_is_not_there_for_customers(world: World) -> None:
    silence = silenced(world)
    alert = open_alert(world, at=world.now)
    facts_of = {"source-metric": "push_rtt", "target-metric": "stall_rate", "name": "x", "same": "app"}
    rule = make_rule(
        name="x", source=Match(metric="a"), target=Match(metric="b"), same="app", actor=world.ada, now=world.now
    )
    pages = [
        "/silences",
        f"/silences/{silence.ref}",
        "/silences/held",
        f"/silences/held/{alert.ref}/why",
        "/silences/inhibition",
    ]
    deeds = [
        ("/silences/new", facts(world)),
        (f"/silences/{silence.ref}/end", {}),
        (f"/silences/{silence.ref}/until", {"lasts": "120"}),
        ("/silences/inhibition", facts_of),
        (f"/silences/inhibition/{rule.ref}/removal", {}),
    ]
    for who in ("zhao", "stranger"):
        client = world.client(who)
        assert [client.get(path).status_code for path in [*pages, "/silences/new"]] == [404] * 6
        assert [client.post(*deed).status_code for deed in deeds] == [404] * 5
        assert "held back" not in text(client, "/")
    agent = world.client("agent")
    assert [agent.get(path).status_code for path in pages] == [200] * 5 and agent.get(
        "/silences/new"
    ).status_code == 403
    assert [agent.post(*deed).status_code for deed in deeds] == [403] * 5
    assert world.client("eng").post("/silences/inhibition", facts_of).status_code == 403
    silence.refresh_from_db()
    assert silence.ended_by is None and Silence.objects.count() == 1 and InhibitionRule.objects.get().removed_at is None


def test_rules_are_added_and_removed_and_the_incident_names_what_waits(world: World) -> None:
    mei = world.client("mei")
    assert "No rule yet" in text(mei, "/silences/inhibition")
    sides = {"source-metric": "push_rtt", "target-metric": "stall_rate"}
    same = mei.post("/silences/inhibition", {"name": "Origin", "same": "app", **sides, "target-metric": "push_rtt"})
    assert same.status_code == 400 and "the two sides are the same" in same.content.decode()
    assert mei.post("/silences/inhibition", {"name": "Origin", "same": "app", **sides}).status_code == 302
    assert "Origin" in text(mei, "/silences/inhibition")

    open_alert(world, at=world.now, metric="push_rtt")
    child = open_alert(world, at=world.now)
    incident = Incident.objects.get()
    page = text(world.client("eng"), f"/incidents/{incident.ref}")
    assert "Alerts that wait behind this" in page and "by the rule “Origin”" in page
    assert "two minutes after that alert closed" in text(world.client("eng"), f"/silences/held/{child.ref}/why")
    assert "1 alert held back: 1 behind another alert" in text(world.client("eng"), "/")
    assert "Alerts that wait" not in text(world.client("zhao"), f"/incidents/{incident.ref}")

    rule = InhibitionRule.objects.get()
    assert mei.post(f"/silences/inhibition/{rule.ref}/removal").status_code == 302
    assert "No rule yet" in text(mei, "/silences/inhibition")
    while process_due(world.now + timedelta(seconds=1)):
        pass
    assert HeldBack.objects.get().outcome == "joined"
