"""What others tell comes in by a keyed address: it pages, it is updated, its recovery closes."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from aftercare.desk.models import Ticket
from aftercare.incidents.models import Incident
from aftercare.kernel.allowances import Allowance
from aftercare.notify.models import Delivery
from aftercare.oncall.models import Page
from aftercare.watch.engine import process_due
from aftercare.watch.models import Alert, AlertSource, Refusal
from aftercare.watch.outside import door, intake
from aftercare.watch.outside.keeping import edit_source, revoke_source, rotate_source
from aftercare.watch.outside.payloads import MOST_ALERTS
from aftercare.watch.outside.silence import close_silent
from aftercare.watch.outside.types import facts_of
from tests.alerts.outside import alertmanager, aliyun, grafana, nightingale, own, sender, tencent, zabbix
from tests.world import World

MINUTE = timedelta(minutes=1)
FORM = "application/x-www-form-urlencoded; charset=UTF-8"

# kind, firing, recovered, and what a person reads of it: title, something of the body, a label, the link's beginning
VENDORS: list[tuple[str, Any, Any, tuple[str, str, str, str]]] = [
    (
        "alertmanager",
        alertmanager(),
        alertmanager("resolved"),
        ("Probe failed: https://edge.example", "over 5m", "severity=critical", "http://prometheus.example"),
    ),
    (
        "grafana",
        grafana(),
        grafana("resolved"),
        ("Memory of zone us-1 is high", "B = 44.23943737541908, C = 1", "team=blue", "https://grafana.example/d/abc?"),
    ),
    ("nightingale", nightingale(), nightingale(True), ("推流节点 CPU 高 (edge-sh-01)", "97.2", "region=sh", "")),
    ("zabbix", zabbix(), zabbix("0"), ("edge-sh-01: Disk is full", "98 %", "scope=capacity", "https://zabbix.example")),
    ("aliyun", aliyun(), aliyun("OK"), ("基础监控-ECS-内存使用率 (edge-sh-01)", "97.39", "instanceId=i-12****", "")),
    ("tencent", tencent(), tencent("0", "GM9LWZPzIQEx"), ("磁盘利用率 (edge-sh-01)", "96.739% > 95%", "region=gz", "")),
    ("json", own(), own("closed"), ("Queue a stands", "12 min", "zone=sh", "https://own.example/a")),
]


@pytest.fixture(autouse=True)
def full_buckets() -> Iterator[None]:
    """No test inherits what another sent."""
    door.PAYLOADS.forget()
    yield
    door.PAYLOADS.forget()


@pytest.mark.parametrize(("kind", "firing", "over", "read"), VENDORS, ids=[row[0] for row in VENDORS])
def test_each_vendor_wakes_people_and_its_recovery_ends_it(
    world: World, kind: str, firing: Any, over: Any, read: tuple[str, str, str, str]
) -> None:
    theirs = sender(world, kind)
    answer = theirs.post(firing)
    assert (answer.status_code, answer.json()["opened"]) == (200, 1), answer.content
    title, words, label, link = read
    alert, incident = Alert.objects.get(), Incident.objects.get()
    assert (alert.title, incident.title, incident.customer) == (title, title, world.show)
    assert words in alert.body and label in {f"{name}={value}" for name, value in alert.filters.items()}
    assert alert.link.startswith(link) and bool(alert.link) == bool(link)
    page = Page.objects.get()
    assert page.notices.exists() and Delivery.objects.filter(subject_ref=page.ref).exists()
    assert Ticket.objects.get().customer == world.show
    theirs.post(firing)
    assert theirs.post(firing).json()["opened"] == 0
    assert (Alert.objects.count(), Page.objects.count(), Ticket.objects.get().messages.count()) == (1, 1, 1)
    answer = theirs.post(over)
    assert (answer.status_code, answer.json()["closed"]) == (200, 1)
    incident.refresh_from_db()
    page.refresh_from_db()
    assert (incident.status, incident.end_reason, page.state) == ("resolved", "told", "closed")
    assert theirs.post(over).json()["closed"] == 0


def test_severity_follows_each_vendor_s_own_words(world: World) -> None:
    found = {}
    for kind, payload in (
        ("alertmanager", alertmanager(severity="page")),
        ("grafana", grafana()),
        ("nightingale", nightingale(severity=2)),
        ("zabbix", zabbix(severity="3")),
        ("aliyun", aliyun(triggerLevel="WARN")),
        ("tencent", tencent()),
        ("json", own()),
    ):
        sender(world, kind).post(payload)
        found[kind] = Alert.objects.latest("pk").severity
    reds = {"alertmanager", "grafana", "json"}
    assert {kind for kind, severity in found.items() if severity == "red"} == reds


def test_what_is_ignored_wakes_nobody(world: World) -> None:
    for kind, payload in (
        ("alertmanager", alertmanager(severity="none", alertname="Watchdog")),
        ("nightingale", nightingale(severity=3)),
        ("zabbix", zabbix(severity="1")),
        ("aliyun", aliyun(triggerLevel="INFO")),
    ):
        assert sender(world, kind).post(payload).json()["ignored"] == 1
    assert not Alert.objects.exists()


def test_a_source_grades_as_its_people_say(world: World) -> None:
    sender(world, "tencent", severities={"节点磁盘": "red"}).post(tencent())
    sender(world, "alertmanager", severities={"critical": "ignored"}).post(alertmanager())
    sender(world, "zabbix", severities={"*": "red", "4": "warning"}).post(zabbix())
    assert list(Alert.objects.order_by("pk").values_list("severity", flat=True)) == ["red", "warning"]


def test_no_data_is_not_recovered(world: World) -> None:
    theirs = sender(world, "aliyun")
    theirs.post(aliyun())
    assert theirs.post(aliyun("INSUFFICIENT_DATA")).json()["ignored"] == 1
    assert Alert.objects.get().is_open


@pytest.mark.parametrize("body", [urlencode(aliyun()).encode(), json.dumps(aliyun()).encode()], ids=["form", "json"])
def test_aliyun_comes_as_a_form_and_as_json_under_a_form_s_name(world: World, body: bytes) -> None:
    assert sender(world, "aliyun").post(body, content_type=FORM).json()["opened"] == 1
    assert Alert.objects.get().title == "基础监控-ECS-内存使用率 (edge-sh-01)"


def test_tencent_gets_its_session_back(world: World) -> None:
    answer = sender(world, "tencent").post(tencent()).json()
    assert (answer["sessionId"], answer["retCode"]) == ("ECkYDW5CbFIIPabdCq4y7w3t", 0)


def test_a_batch_of_nightingale_s_events_is_read_whole(world: World) -> None:
    events = [nightingale(), nightingale(hash="b", target_ident="edge-gz-02"), nightingale(hash="c", severity=2)]
    assert sender(world, "nightingale").post(events).json()["opened"] == 3
    assert Page.objects.count() == 1


def test_zabbix_s_note_after_the_recovery_wakes_nobody(world: World) -> None:
    theirs = sender(world, "zabbix")
    theirs.post(zabbix())
    theirs.post(zabbix("0"))
    assert theirs.post(zabbix(update="1", message="Closed the ticket.")).json()["opened"] == 0
    assert not Alert.objects.filter(closed_at=None).exists()


def test_zabbix_s_operator_raises_the_severity(world: World) -> None:
    theirs = sender(world, "zabbix")
    theirs.post(zabbix(severity="2"))
    theirs.post(zabbix(severity="5", update="1"))
    assert (Page.objects.get().severity, Incident.objects.get().severity) == ("red", "red")


def test_macros_without_a_value_are_left_out(world: World) -> None:
    sender(world, "zabbix").post(
        zabbix(opdata="*UNKNOWN*", tags="{EVENT.TAGSJSON}", link="{$ZABBIX.URL}/tr_events.php")
    )
    alert = Alert.objects.get()
    assert (alert.body, alert.link, alert.filters) == ("Problem started at 03:00:00", "", {"host": "edge-sh-01"})


def test_nothing_good_beside_a_bad_alert_is_lost(world: World) -> None:
    group = alertmanager()
    group["alerts"] = [
        {"status": "firing", "labels": {}},
        *group["alerts"],
        "nonsense",
        {"status": "odd", "labels": {}},
    ]
    theirs = sender(world, "alertmanager")
    answer = theirs.post(group)
    assert (answer.status_code, answer.json()["opened"]) == (200, 1)
    assert answer.json()["refused"][0] == "Alert 1: “labels.alertname” is missing or empty."
    refusal = Refusal.objects.get()
    assert "Alert 3" in refusal.reason and "第 3 条" in refusal.reason_zh


def test_what_cannot_be_read_is_refused_with_a_sentence_and_kept_for_people(world: World) -> None:
    theirs = sender(world, "json")
    payload = {"events": "none", "signature": "abc", "address": f"https://aftercare.example/alerts/in/{theirs.secret}"}
    answer = theirs.post(payload)
    assert answer.status_code == 400
    assert answer.json()["refused"] == ["At “events”, where the mapping has the list of alerts, there is none."]
    kept = Refusal.objects.get()
    assert theirs.secret not in kept.payload and "abc" not in kept.payload and '"events"' in kept.payload
    shown = world.client("eng").get(f"/alert-sources/{theirs.source.ref}").content.decode()
    assert "where the mapping has the list of alerts" in shown and "&quot;events&quot;" in shown


def test_the_refused_are_few_and_short(world: World) -> None:
    theirs = sender(world, "alertmanager")
    for number in range(14):
        theirs.post(b"x" * 50_000 + str(number).encode())
    assert Refusal.objects.count() == intake.MOST_REFUSALS
    assert max(len(one.payload) for one in Refusal.objects.all()) < 8_100


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b"{}",
        b'"words"',
        b"a=b&c",
        b'{"alerts": {}}',
        b'{"alerts": [[]]}',
        b"1e999",
    ],
)
@pytest.mark.parametrize("kind", [row[0] for row in VENDORS])
def test_nonsense_is_refused_and_breaks_nothing(world: World, kind: str, body: bytes) -> None:
    assert sender(world, kind).post(body).status_code == 400
    assert not Alert.objects.exists()


def test_a_wrong_key_a_revoked_one_and_another_method(world: World) -> None:
    theirs = sender(world, "alertmanager")
    assert Client().post("/alerts/in/al_nobody", b"{}", content_type="application/json").status_code == 404
    assert Client().post("/alerts/in", b"{}", content_type="application/json").status_code == 404
    assert Client().put(f"/alerts/in/{theirs.secret}").status_code == 405
    assert Client().get(f"/alerts/in/{theirs.secret}").json() == {"takes": "alertmanager"}
    bearer = {"Authorization": f"Bearer {theirs.secret}"}
    answer = Client().post("/alerts/in", json.dumps(alertmanager()), content_type="application/json", headers=bearer)
    assert answer.status_code == 200
    revoke_source(source=theirs.source, actor=world.ada, now=world.now)
    assert theirs.post(alertmanager()).status_code == 410
    assert (Alert.objects.get().close_reason, Incident.objects.get().end_reason) == ("revoked", "revoked")


def test_no_log_holds_a_key(world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    theirs = sender(world, "alertmanager")
    theirs.post(b"nonsense")

    def fails(**_more: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(door, "take_in", fails)
    answer = theirs.post(alertmanager())
    assert (answer.status_code, answer.json()["error"]) == (500, "This could not be kept. Send it again.")
    assert "the disk is full" in caplog.text and theirs.secret not in caplog.text


def test_keys_are_kept_as_hashes_and_rotate_with_an_overlap(world: World) -> None:
    theirs = sender(world, "alertmanager")
    assert theirs.secret not in str(list(theirs.source.keys.values()))
    renewed = rotate_source(source=theirs.source, overlap_h=1, actor=world.ada, now=world.now)
    assert theirs.post(alertmanager()).status_code == 200
    again = rotate_source(source=theirs.source, overlap_h=0, actor=world.ada, now=world.now)
    assert theirs.post(alertmanager()).status_code == 410
    assert Client().get(f"/alerts/in/{renewed.secret}").status_code == 410
    assert Client().get(f"/alerts/in/{again.secret}").status_code == 200


def test_a_body_too_large_and_too_many_payloads(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = sender(world, "alertmanager")
    assert theirs.post(b" " * (door.LARGEST + 1)).status_code == 413
    monkeypatch.setattr(door, "PAYLOADS", Allowance(2, 60))
    codes = [theirs.post(alertmanager()).status_code for _n in range(3)]
    assert codes == [200, 200, 429]
    assert theirs.post(alertmanager()).headers["Retry-After"]


def test_more_alerts_than_a_payload_may_have_are_named(world: World) -> None:
    group = alertmanager()
    group["alerts"] = [{**group["alerts"][0], "fingerprint": str(n)} for n in range(MOST_ALERTS + 3)]
    answer = sender(world, "alertmanager").post(group).json()
    assert answer["opened"] == MOST_ALERTS
    assert answer["refused"] == ["3 alerts were not read: a payload may have 1000."]


def test_what_alertmanager_cut_off_is_told(world: World) -> None:
    answer = sender(world, "alertmanager").post({**alertmanager(), "truncatedAlerts": 12}).json()
    assert (answer["opened"], answer["refused"]) == (1, ["The sender left out 12 alerts of this group."])


def test_open_alerts_are_bounded_and_red_goes_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_OPEN", 2)
    theirs = sender(world, "alertmanager")
    first = alertmanager(severity="warning")["alerts"][0]
    group = alertmanager()
    group["alerts"] = [{**first, "fingerprint": "a"}, {**first, "fingerprint": "b"}, *group["alerts"]]
    answer = theirs.post(group)
    assert answer.status_code == 429
    assert answer.json()["refused"] == ["1 alerts found no room: a source may have 2 open."]
    assert sorted(Alert.objects.values_list("severity", flat=True)) == ["red", "warning"]
    assert theirs.post(alertmanager()).status_code == 200


def test_a_link_is_http_or_nothing_and_words_are_only_words(world: World) -> None:
    theirs = sender(world, "json")
    theirs.post(own(url="javascript:alert(1)", what={"name": "<img src=x onerror=alert(1)>\x00\x07", "text": "\ud800"}))
    alert = Alert.objects.get()
    assert (alert.link, alert.title) == ("", "<img src=x onerror=alert(1)>")
    for who in ("eng", "zhao"):
        for path in (f"/incidents/{Incident.objects.get().ref}", f"/tickets/{Ticket.objects.get().ref}", "/alerts"):
            assert "<img src=x" not in world.client(who).get(path).content.decode()


def test_a_title_of_nothing_is_refused_and_a_name_of_nothing_is_a_name(world: World) -> None:
    theirs = sender(world, "zabbix")
    answer = theirs.post(zabbix(name="\u200b\x07", host=""))
    assert (answer.status_code, answer.json()["refused"]) == (400, ["The title is empty."])
    assert theirs.post(zabbix(eventid="\u200b")).json()["opened"] == 1
    assert theirs.post(zabbix("0", eventid="\u200b")).json()["closed"] == 1


def test_long_words_are_cut_not_refused(world: World) -> None:
    tags = {f"k{n}": "v" * 900 for n in range(90)}
    sender(world, "json").post(own(what={"name": "名" * 900, "text": "x" * 90_000}, id="i" * 900, tags=tags))
    alert = Alert.objects.get()
    assert (len(alert.title), len(alert.body), len(alert.filters)) == (200, 4000, 30)


def test_a_source_may_say_that_silence_is_an_end(world: World) -> None:
    theirs = sender(world, "json", silent_after_s=600)
    theirs.post(own())
    alert = Alert.objects.get()
    assert alert.closes_at is not None and alert.last_seen_at is not None
    assert alert.closes_at - alert.last_seen_at == 10 * MINUTE
    assert close_silent(alert.closes_at - MINUTE) == 0
    theirs.post(own())
    assert close_silent(alert.closes_at) == 0  # the news put it off
    alert.refresh_from_db()
    assert alert.closes_at is not None
    assert close_silent(alert.closes_at) == 1
    assert close_silent(alert.closes_at) == 0
    assert (Alert.objects.get().close_reason, Incident.objects.get().end_reason) == ("unseen", "unseen")


def test_the_watch_s_loop_closes_what_is_silent(world: World, telemetry: Any) -> None:
    theirs = sender(world, "json", silent_after_s=600)
    theirs.post(own())
    process_due(world.now + 11 * MINUTE)
    assert not Alert.objects.get().is_open


def test_another_silence_holds_for_what_is_open(world: World) -> None:
    theirs = sender(world, "json")
    theirs.post(own())
    assert Alert.objects.get().closes_at is None
    facts = facts_of(theirs.source)
    edit_source(
        source=theirs.source, facts=type(facts)(**{**facts.as_dict(), "silent_after_s": 60}), actor=None, now=world.now
    )
    alert = Alert.objects.get()
    assert alert.closes_at and alert.last_seen_at and alert.closes_at - alert.last_seen_at == MINUTE


def test_the_same_fingerprint_of_two_sources_is_two_alerts(world: World) -> None:
    sender(world, "alertmanager").post(alertmanager())
    sender(world, "alertmanager", world.social_app).post(alertmanager())
    assert Alert.objects.count() == 2
    assert {ticket.customer for ticket in Ticket.objects.all()} == {world.show, world.social}


def test_a_payload_names_no_customer(world: World) -> None:
    """The customer comes from the key: whatever a payload says, it opens nothing for anybody else."""
    sender(world, "json", world.social_app).post(own(customer=world.show.ref, app=world.show_app.ref))
    assert Incident.objects.get().customer == world.social
    assert "Queue a stands" not in world.client("zhao").get("/alerts").content.decode()


def test_the_last_word_about_a_trouble_counts(world: World) -> None:
    events = [*own()["events"], *own("closed")["events"], *own(ident="b")["events"]]
    assert sender(world, "json").post({"events": events}).json()["opened"] == 1
    assert Alert.objects.get().title == "Queue b stands"
    assert AlertSource.objects.get().last_said_at is not None
