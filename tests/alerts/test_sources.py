"""Sources over the API and their pages: for the provider's people, shown once, tried without a trace."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from aftercare.audit.models import Entry
from aftercare.incidents.models import Incident
from aftercare.oncall.models import Page
from aftercare.watch.models import Alert, AlertSource, SourceKey
from tests.alerts.outside import MAPPING, alertmanager, own, sender, zabbix
from tests.api.calling import Program
from tests.world import World

API = "/api/v1/alert-sources"
FORM = {"kind": "json", "place": "own", "name": "Batch jobs", "severities": "bad = red\nmeh = ignored"}
PATHS = {f"map_{name}": path for name, path in MAPPING.items()}


def call(program: Program, method: str, path: str, body: Any = None) -> Any:
    """One call; its status and answer."""
    told = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    answer = getattr(program.client, method)(path, **told)
    return answer.status_code, answer.json() if answer.content else None


def test_a_source_lives_and_ends_over_the_api(world: World) -> None:
    program = Program(world, world.eng)
    status, made = call(program, "post", API, {"kind": "alertmanager", "name": "Edge", "app": world.show_app.ref})
    assert status == 201 and "/alerts/in/al_" in made["address"]
    path, ref = made["address"].partition("/alerts/in/")[2], made["source"]["ref"]
    assert (
        Client().post(f"/alerts/in/{path}", json.dumps(alertmanager()), content_type="application/json").status_code
        == 200
    )
    status, told = call(program, "get", f"{API}/{ref}")
    assert (told["open_alerts"], told["last_title"], told["app"]) == (
        1,
        "Probe failed: https://edge.example",
        world.show_app.ref,
    )
    facts = {"name": "Edge two", "severities": {"page": "red"}, "silent_after_s": 600}
    assert call(program, "put", f"{API}/{ref}", facts)[1]["silent_after_s"] == 600
    status, renewed = call(program, "post", f"{API}/{ref}/key", {"overlap_h": 0})
    assert status == 200 and renewed["address"] != made["address"]
    (alert,) = call(program, "get", f"/api/v1/alerts?source={ref}")[1]["alerts"]
    assert (alert["source"], alert["metric"], alert["labels"]["severity"]) == (ref, "", "critical")
    assert call(program, "post", f"/api/v1/alerts/{alert['ref']}/closing")[1]["close_reason"] == "by_hand"
    assert call(program, "post", f"/api/v1/alerts/{alert['ref']}/closing")[0] == 409
    assert Incident.objects.get().status == "resolved" and Page.objects.get().state == "closed"
    assert call(program, "delete", f"{API}/{ref}") == (204, None)
    assert call(program, "put", f"{API}/{ref}", facts)[0] == 409
    done = Entry.objects.filter(action__startswith="source.").order_by("pk").values_list("action", flat=True)
    assert list(done) == ["source.create", "source.edit", "source.rotate", "source.revoke"]


def test_a_customer_s_people_read_their_alert_but_not_its_source(world: World) -> None:
    theirs = sender(world, "zabbix")
    theirs.post(zabbix())
    ref = Alert.objects.get().ref
    program = Program(world, world.zhao)
    status, told = call(program, "get", f"/api/v1/alerts/{ref}")
    assert (status, told["title"], told["source"]) == (200, "edge-sh-01: Disk is full", None)
    page = world.client("zhao").get(f"/alerts/{ref}").content.decode()
    assert "Disk is full" in page and "Our zabbix" not in page and "Close it by hand" not in page
    assert call(program, "post", f"/api/v1/alerts/{ref}/closing")[0] == 403
    assert call(program, "get", API)[0] == 404
    for path in ("/alert-sources", "/alert-sources/new", f"/alert-sources/{theirs.source.ref}"):
        assert world.client("zhao").get(path).status_code == 404
    assert world.client("stranger").get(f"/alerts/{ref}").status_code == 404


def test_who_may_see_but_not_edit(world: World) -> None:
    source = sender(world, "zabbix", own=True).source
    agent = world.client("agent")
    page = agent.get(f"/alert-sources/{source.ref}")
    assert page.status_code == 200 and "Change this source" not in page.content.decode()
    for path in ("new", f"{source.ref}/trial", f"{source.ref}/key", f"{source.ref}/revocation"):
        assert agent.get(f"/alert-sources/{path}").status_code == 403
        assert agent.post(f"/alert-sources/{path}").status_code == 403
    assert agent.post(f"/alert-sources/{source.ref}", {"name": "x"}).status_code == 403


def test_a_page_makes_a_source_and_shows_its_address_once(world: World) -> None:
    made = world.client("eng").post("/alert-sources/new", {**FORM, **PATHS})
    words = made.content.decode()
    secret = words.partition("/alerts/in/")[2].partition("<")[0].strip()
    source = AlertSource.objects.get()
    assert (source.customer, source.severities, source.mapping) == (None, {"bad": "red", "meh": "ignored"}, MAPPING)
    assert "no-store" in made.headers["Cache-Control"]
    answer = Client().post(f"/alerts/in/{secret}", json.dumps(own()), content_type="application/json")
    assert answer.json()["opened"] == 1 and Incident.objects.get().severity == "red"
    page = world.client("eng").get(f"/alert-sources/{source.ref}").content.decode()
    assert secret not in page and f"al_{SourceKey.objects.get().prefix}_…" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"map_title": ""}, "This field is required"),
        ({"map_recovered": ""}, "To see a recovery, name both"),
        ({"severities": "bad = loud"}, "A level is red, warning or ignored"),
        ({"severities": "bad"}, "A level is graded as"),
        ({"silent_after_min": "99999"}, "closes by itself after 1 minute to 30 days"),
        ({"map_title": ".".join("a" * 30)}, "is too long"),
        ({"place": "nobody"}, "Select a valid choice"),
    ],
)
def test_a_source_that_makes_no_sense_is_refused_with_a_sentence(
    world: World, change: dict[str, str], sentence: str
) -> None:
    answer = world.client("eng").post("/alert-sources/new", {**FORM, **PATHS, **change})
    assert answer.status_code == 400 and sentence in answer.content.decode()
    assert not AlertSource.objects.exists()


def test_trying_a_payload_keeps_nothing_until_the_mapping_is_kept(world: World) -> None:
    source = sender(world, "json", own=True, mapping={"title": "message"}).source
    path, client = f"/alert-sources/{source.ref}/trial", world.client("eng")
    payload = {"payload": json.dumps(own()), **PATHS}
    tried = client.post(path, {"payload": payload["payload"], "map_title": "nowhere"}).content.decode()
    assert "Nothing stands at “nowhere”" in tried
    tried = client.post(path, payload).content.decode()
    assert "Queue a stands" in tried and "would alert" in tried and "zone=sh" in tried
    assert "would close" in client.post(path, {**payload, "payload": json.dumps(own("ok"))}).content.decode()
    assert not Alert.objects.exists() and not source.refusals.exists()
    assert client.post(path, {**payload, "keep": "1"}).status_code == 302
    source.refresh_from_db()
    assert (source.mapping, source.last_said_at) == (MAPPING, None)


def test_a_trial_over_the_api_leaves_no_trace(world: World) -> None:
    source = sender(world, "zabbix").source
    program = Program(world, world.eng)
    told = call(program, "post", f"{API}/{source.ref}/trial", {"payload": json.dumps(zabbix(severity="5"))})[1]
    assert (told["firing"][0]["severity"], told["troubles"]) == ("red", [])
    assert call(program, "post", f"{API}/{source.ref}/trial", {"payload": "{"})[1]["troubles"]
    assert not Alert.objects.exists() and not source.refusals.exists()


def test_the_list_says_what_each_told_last(world: World) -> None:
    client = world.client("eng")
    assert "No alert sources yet" in client.get("/alert-sources").content.decode()
    sender(world, "alertmanager").post(alertmanager())
    silent = sender(world, "grafana", own=True, name="Grafana of ours")
    silent.post(b"nonsense")
    page = client.get("/alert-sources").content.decode()
    for words in (
        "Probe failed: https://edge.example",
        "Grafana of ours",
        "Our own systems",
        "cannot be read",
        "heard",
    ):
        assert words in page
    assert "外部" not in page
    revoked = client.post(f"/alert-sources/{silent.source.ref}/revocation")
    assert revoked.status_code == 302 and "revoked" in client.get("/alert-sources").content.decode()


def test_a_closed_one_says_how_it_ended(world: World) -> None:
    theirs = sender(world, "zabbix", silent_after_s=600)
    theirs.post(zabbix())
    ref = Alert.objects.get().ref
    assert "Closes without news" in world.client("eng").get(f"/alerts/{ref}").content.decode()
    assert world.client("eng").post(f"/alerts/{ref}/closing").status_code == 302
    page = world.client("eng").get(f"/alerts/{ref}")
    assert "closed by hand" in page.content.decode()
    assert world.client("eng").post(f"/alerts/{ref}/closing").status_code == 409
    assert Alert.objects.get().opened_at + timedelta(minutes=1) > world.now
