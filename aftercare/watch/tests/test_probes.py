"""Probe targets: the pages, what agents are told, and whose is whose."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from aftercare.accounts.actions.keys import revoke_key
from aftercare.audit.models import Entry
from aftercare.watch.models import ProbeTarget
from aftercare.watch.probes.actions import MOST_PER_APP, create_target
from aftercare.watch.probes.queries import look_at, waterfall_of
from aftercare.watch.probes.types import ProbeFacts

FORM = {"kind": "hls", "name": "Room 1", "address": "https://live.starlight.example/live/room1.m3u8", "every_s": "60"}
WATERFALL = {
    "steps": [["dns", 0, 12, 0], ["tcp", 12, 30, 0], ["first_byte", 42, 200, 1]],
    "took_ms": 8042,
    "reason": "no answer: <b>timed out</b>",
    "stall_ms": 0,
}


def url(name, *args):
    return reverse(f"watch:{name}", args=args)


def target_of(world, app=None, **more):
    facts = {"name": "Room 1", "kind": "hls", "address": FORM["address"], **more}
    return create_target(app=app or world.show_app, facts=ProbeFacts(**facts), actor=None, now=world.now)


def runs(telemetry, world, target, outcomes, *, app=None, province="Guangdong"):
    """A run a minute up to now, oldest first: "ok" or a code."""
    app = app or world.show_app
    told = json.dumps(WATERFALL)
    telemetry.add(
        [
            {
                "customer": app.customer_id,
                "app": app.pk,
                "ts": world.now - timedelta(minutes=len(outcomes) - 1 - n),
                "session": f"probe/{target.ref}/run{province}{n}",
                "event": "leave",
                "role": "probe",
                "code": code,
                "elapsed_ms": 480 if code == "ok" else 0,
                "country": "CN",
                "province": province,
                "carrier": "China Telecom",
                "detail": told,
            }
            for n, code in enumerate(outcomes)
        ]
    )


def fetch(client, secret, **headers):
    return client.get(url("probe_feed"), HTTP_AUTHORIZATION=f"Bearer {secret}", **headers)


class TestPages:
    def test_it_works(self, world, telemetry):
        target = target_of(world)
        runs(telemetry, world, target, ["ok", "ok", "timeout", "timeout"])
        runs(telemetry, world, target, ["timeout", "ok"], province="Beijing")
        for who in ("eng", "zhao", "viewer"):
            page = world.client(who).get(url("probes")).content.decode()
            assert "Room 1" in page and "Guangdong" in page and "Beijing" in page
            assert page.count('state-word">fails') == 1 and page.count('state-word">works') == 1
            assert "First byte" in page and "480" in page
            assert "&lt;b&gt;timed out" in page and "<b>timed out" not in page
        (row,) = look_at([target], world.now)
        looks = {look.place: look for look in row.looks}
        failing = looks["CN · Guangdong · China Telecom"]
        assert failing.tone == row.tone == "breached"
        assert failing.seen.failing_since == (world.now - timedelta(minutes=1)).replace(
            microsecond=world.now.microsecond // 1000 * 1000
        )
        assert looks["CN · Beijing · China Telecom"].tone == "healthy"
        alone = world.client("zhao").get(url("probe", target.ref)).content.decode()
        assert "No answer in time" in alone and "50.0" in alone and FORM["address"] in alone

    def test_chinese(self, world, telemetry):
        target = target_of(world)
        runs(telemetry, world, target, ["hijacked"])
        world.zhao.language = "zh-hans"
        world.zhao.save()
        page = world.client("zhao").get(url("probes")).content.decode()
        assert "拨测" in page and "疑似劫持" in page and "首字节" in page

    def test_what_nobody_looks_at_is_unknown(self, world, telemetry):
        silent, never = target_of(world), target_of(world, name="Never")
        runs(telemetry, world, silent, ["ok"])
        (row, empty) = look_at([silent, never], world.now + timedelta(minutes=10))
        assert (row.tone, empty.tone) == ("unknown", "unknown")
        page = world.client("zhao").get(url("probes")).content.decode()
        assert "that is unknown, not healthy" in page

    def test_the_empty_page_teaches(self, world):
        page = world.client("zhao").get(url("probes")).content.decode()
        assert "aftercare probe --server" in page and url("new_probe") in page
        assert url("new_probe") not in world.client("viewer").get(url("probes")).content.decode()

    def test_a_strangers_results_are_about_nothing_of_ours(self, world, telemetry):
        """A session's name is its sender's choice."""
        target = target_of(world)
        runs(telemetry, world, target, ["timeout"], app=world.social_app)
        assert look_at([target], world.now)[0].looks == []

    def test_a_stranger_finds_nothing(self, world, telemetry):
        target = target_of(world)
        runs(telemetry, world, target, ["ok"])
        client = world.client("stranger")
        assert "Room 1" not in client.get(url("probes")).content.decode()
        assert "Room 1" not in client.get(url("probes"), {"app": world.show_app.ref}).content.decode()
        for name in ("probe", "probe_deletion"):
            assert client.get(url(name, target.ref)).status_code == 404
            assert client.post(url(name, target.ref), FORM).status_code == 404
        assert client.post(url("probe_pause", target.ref)).status_code == 404
        target.refresh_from_db()
        assert target.deleted_at is None and target.paused_at is None
        answer = client.post(url("new_probe"), FORM | {"app": world.show_app.ref})
        assert answer.status_code == 400 and ProbeTarget.objects.count() == 1

    @pytest.mark.parametrize("who", ["viewer", "agent"])
    def test_readers_read_and_see_no_secret(self, world, who):
        target = target_of(world, kind="rtmp_push", address="rtmp://push.starlight.example/live/room1?secret=s3cr3t")
        client = world.client(who)
        page = client.get(url("probe", target.ref)).content.decode()
        assert "push.starlight.example" in page and "s3cr3t" not in page and "Change this target" not in page
        assert client.post(url("probe", target.ref), FORM).status_code == 403
        assert client.post(url("probe_pause", target.ref)).status_code == 403
        assert client.post(url("probe_deletion", target.ref)).status_code == 403
        assert client.get(url("new_probe")).status_code == 403
        assert "s3cr3t" not in "".join(str(entry.detail) for entry in Entry.objects.all())

    def test_a_token_is_seen_by_those_who_may_change_it(self, world):
        sent = FORM | {"kind": "whip", "app": world.show_app.ref, "token": "t0k3n.abc", "watch_s": ""}
        world.client("zhao").post(url("new_probe"), sent)
        target = ProbeTarget.objects.get()
        assert target.expectations == {"token": "t0k3n.abc"}
        assert "t0k3n.abc" in world.client("zhao").get(url("probe", target.ref)).content.decode()
        assert "t0k3n.abc" not in world.client("viewer").get(url("probe", target.ref)).content.decode()
        assert "t0k3n.abc" not in world.client("zhao").get(url("probes")).content.decode()
        assert "t0k3n.abc" not in "".join(str(entry.detail) for entry in Entry.objects.all())

    @pytest.mark.parametrize("who", ["eng", "zhao", "developer"])
    def test_makes_changes_pauses_and_deletes(self, world, who):
        client = world.client(who)
        sent = FORM | {"app": world.show_app.ref, "watch_s": "5", "content": "on", "status": "200"}
        made = client.post(url("new_probe"), sent)
        target = ProbeTarget.objects.get()
        assert made.url == url("probe", target.ref)
        assert (target.customer, target.expectations) == (world.show, {"watch_s": 5, "content": True})
        api = {"kind": "http_api", "headers": "X-A: b", "json": "data.code = 0\nname = 直播", "every_s": "30"}
        assert client.post(url("probe", target.ref), FORM | api).status_code == 302
        target.refresh_from_db()
        assert target.expectations == {"headers": {"X-A": "b"}, "json": {"data.code": 0, "name": "直播"}}
        assert "data.code = 0" in client.get(url("probe", target.ref)).content.decode()
        client.post(url("probe_pause", target.ref))
        target.refresh_from_db()
        assert target.paused_at is not None
        client.post(url("probe_pause", target.ref), {"resume": "1"})
        target.refresh_from_db()
        assert target.paused_at is None
        assert client.post(url("probe_deletion", target.ref)).status_code == 302
        assert client.get(url("probe", target.ref)).status_code == 404
        done = list(Entry.objects.filter(subject=target.ref).order_by("pk").values_list("action", flat=True))
        assert done == [f"probe.{verb}" for verb in ("create", "edit", "pause", "resume", "delete")]

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"address": "file:///etc/passwd"}, "The address begins with https:// or http://"),
            ({"address": "rtmp://live.example.com/a"}, "The address begins with https:// or http://"),
            ({"kind": "rtmp"}, "The address begins with rtmp://"),
            ({"address": "https://user:pass@live.example.com/a"}, "no user name and no password"),
            ({"address": "https:///a"}, "not a host name"),
            ({"address": "https://live.example.com:99999/a"}, "not an address"),
            ({"address": "https://live.example.com/a b"}, "not an address"),
            ({"kind": "dns", "address": "https://live.example.com"}, "not a host name"),
            ({"kind": "certificate", "address": "live.example.com/a"}, "the host alone"),
            ({"every_s": "5"}, "every 30 to 86400 seconds"),
            ({"kind": "http_api", "every_s": "5"}, "every 10 to 86400 seconds"),
            ({"watch_s": "600"}, "Watch for 2 to 60 seconds"),
            ({"kind": "http_api", "status": "9"}, "A status is 100 to 599"),
            ({"kind": "http_api", "headers": "nonsense"}, "An expected header is written"),
            ({"kind": "http_api", "headers": "A b: c"}, "An expected header is written"),
            ({"kind": "http_api", "json": "nonsense"}, "An expected value is written"),
            ({"kind": "http_api", "json": 'a = {"b": 1}'}, "An expected value is written"),
            ({"kind": "dns", "address": "a.example.com", "answers": "a b"}, "not a host name"),
            ({"kind": "dns", "address": "a.example.com", "resolver": "dns.example.com"}, "by its IP address"),
            ({"kind": "dns", "address": "a.example.com", "httpdns": "ftp://x.example/"}, "The address begins with"),
            ({"kind": "domain", "address": "example.com", "least_days": "0"}, "Warn 1 to 365 days ahead"),
            ({"kind": "whip", "token": "a\tb c"}, "A token is of letters"),
            ({"kind": "nothing"}, "nothing is not one of the available choices"),
            ({"name": ""}, "This field is required"),
        ],
    )
    def test_refuses_with_a_sentence(self, world, change, sentence):
        target = target_of(world)
        answer = world.client("eng").post(url("probe", target.ref), FORM | change)
        assert answer.status_code == 400 and sentence in answer.content.decode()
        target.refresh_from_db()
        assert (target.kind, target.every_s) == ("hls", 60)

    def test_there_is_a_most(self, world):
        fields = {"customer": world.show, "kind": "hls", "address": "https://a.example/", "every_s": 60}
        ProbeTarget.objects.bulk_create(
            ProbeTarget(app=world.show_app, name="x", created_at=world.now, **fields) for _ in range(MOST_PER_APP)
        )
        answer = world.client("eng").post(url("new_probe"), FORM | {"app": world.show_app.ref})
        assert answer.status_code == 400 and "the most there can be" in answer.content.decode()

    @pytest.mark.parametrize(
        "text",
        ["", "no json", "[]", "{}", '{"steps": 7, "took_ms": 1}', '{"steps": [[1]], "took_ms": 1}',
         '{"steps": [["dns", -5, 1, 0]], "took_ms": 1}', '{"steps": [["dns", 1e999, 1, 0]], "took_ms": 1}'],
    )  # fmt: skip
    def test_a_waterfall_that_is_none_is_not_drawn(self, text):
        assert waterfall_of(text) is None


class TestFeed:
    def test_it_works(self, world):
        client, target = world.client(), target_of(world, expectations={"watch_s": 5})
        target_of(world, app=world.social_app, name="Theirs")
        answer = fetch(client, world.show_secret)
        told = answer.json()
        entry = {"ref": target.ref, "kind": "hls", "address": FORM["address"], "every_s": 60, "expect": {"watch_s": 5}}
        assert (answer.status_code, told["targets"], told["interval_s"]) == (200, [entry], 30)

    def test_a_known_answer_is_not_sent_again(self, world):
        client, target = world.client(), target_of(world)
        tag = fetch(client, world.show_secret)["ETag"]
        same = fetch(client, world.show_secret, HTTP_IF_NONE_MATCH=tag)
        assert (same.status_code, same.content, same["ETag"]) == (304, b"", tag)
        world.client("zhao").post(url("probe_pause", target.ref))
        changed = fetch(client, world.show_secret, HTTP_IF_NONE_MATCH=tag)
        assert changed.status_code == 200 and changed.json()["targets"] == []

    def test_refuses_with_a_sentence(self, world):
        client = world.client("zhao")
        assert "not known here" in fetch(client, "ak_wrong").json()["error"]
        for headers in ({}, {"HTTP_AUTHORIZATION": "Basic abc"}, {"HTTP_AUTHORIZATION": "Bearer "}):
            assert client.get(url("probe_feed"), **headers).status_code == 401
        assert fetch(client, world.node_secret).status_code == 403
        revoke_key(key=world.show_key, actor=None, now=world.now)
        gone = fetch(client, world.show_secret)
        assert gone.status_code == 410 and "revoked" in gone.json()["error"]
        assert client.post(url("probe_feed")).status_code == 405

    def test_the_deleted_are_left_out(self, world):
        target = target_of(world)
        world.client("zhao").post(url("probe_deletion", target.ref))
        assert fetch(world.client(), world.show_secret).json()["targets"] == []
