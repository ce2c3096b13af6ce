"""The pages and the API of heartbeats: who sees what, and what may be asked for."""

from datetime import timedelta

import pytest
from django.urls import reverse

from aftercare.audit.models import Entry
from aftercare.watch.heartbeats.actions import MOST_OF_ONE
from aftercare.watch.heartbeats.keys import address_of
from aftercare.watch.models import Heartbeat, HeartbeatState
from aftercare.watch.tests.beating import status

FORM = {
    "name": "Backup",
    "of": "own",
    "every_s": "1 d",
    "cron": "",
    "timezone": "Asia/Shanghai",
    "grace_s": "1 h 30 min",
    "severity": "red",
}
JSON = {"name": "Backup", "of": "own", "cron": "30 2 * * *", "timezone": "Europe/London", "grace_s": 600}


def url(name, *args):
    return reverse(f"watch:{name}", args=args)


class TestPages:
    def test_it_works(self, world, beats):
        client = world.client("eng")
        made = client.post(url("new_heartbeat"), FORM, follow=True)
        heartbeat = Heartbeat.objects.get()
        assert made.redirect_chain[-1][0] == url("heartbeat", heartbeat.ref)
        assert (heartbeat.customer, heartbeat.every_s, heartbeat.grace_s) == (None, 86_400, 5_400)
        page = made.content.decode()
        assert address_of(heartbeat) in page and "nothing is waited for" in page
        assert "crontab" in page and "Kubernetes CronJob" in page
        beats.ping(heartbeat, "start", rid="r1")
        beats.now += timedelta(seconds=95)
        beats.ping(heartbeat, "fail", rid="r1", exit_code=3, body="<b>disk full</b>", body_bytes=16)
        page = client.get(url("heartbeat", heartbeat.ref)).content.decode()
        assert "failure, exit code 3" in page and "1 min 35 s" in page
        assert "&lt;b&gt;disk full" in page and "<b>disk full" not in page
        rows = client.get(url("heartbeats")).content.decode()
        assert "Our own" in rows and "failed" in rows

    def test_the_worst_comes_first(self, world, beats):
        names = ["up", "down", "paused", "late", "new"]
        for name in names:
            heartbeat = beats.make(name=f"job-{name}")
            HeartbeatState.objects.filter(heartbeat=heartbeat).update(status=name, reason="missed")
        page = world.client("eng").get(url("heartbeats")).content.decode()
        places = [page.index(f"job-{name}") for name in ("down", "late", "new", "up", "paused")]
        assert places == sorted(places)
        narrowed = world.client("eng").get(url("heartbeats"), {"status": "late"}).content.decode()
        assert "job-late" in narrowed and "job-down" not in narrowed

    def test_whose_is_whose(self, world, beats):
        theirs, own = beats.make(name="Theirs"), beats.make(name="Own", own=True)
        for who, sees in (("eng", {200}), ("zhao", {200}), ("viewer", {200}), ("stranger", {404})):
            assert {world.client(who).get(url("heartbeat", theirs.ref)).status_code} == sees
        for who in ("zhao", "stranger"):
            assert world.client(who).get(url("heartbeat", own.ref)).status_code == 404
            assert "Own<" not in world.client(who).get(url("heartbeats")).content.decode()
        read = world.client("viewer").get(url("heartbeat", theirs.ref)).content.decode()
        assert "/ping/" not in read, "who may not change it may not ping it either"
        for name in ("heartbeat_pause", "heartbeat_key", "heartbeat_deletion", "heartbeat"):
            assert world.client("viewer").post(url(name, theirs.ref)).status_code == 403
            assert world.client("stranger").post(url(name, theirs.ref)).status_code == 404
        asked = {**FORM, "of": "own"}
        assert world.client("zhao").post(url("new_heartbeat"), asked).status_code == 400
        asked["of"] = f"all:{world.social.ref}"
        assert world.client("zhao").post(url("new_heartbeat"), asked).status_code == 400

    @pytest.mark.parametrize(
        "wrong",
        [
            {"every_s": "", "cron": ""},
            {"every_s": "1 d", "cron": "0 2 * * *"},
            {"every_s": "5 s"},
            {"every_s": "soon"},
            {"every_s": "", "cron": "61 * * * *"},
            {"every_s": "", "cron": "* * * * * *"},
            {"every_s": "", "cron": "0 0 31 2 *"},
            {"timezone": "Mars/Olympus"},
            {"grace_s": "1 s"},
            {"grace_s": "999999 d"},
            {"longest_run_s": "-5"},
            {"name": " \u200b"},
        ],
    )
    def test_rejects_what_makes_no_sense(self, world, wrong):
        answer = world.client("eng").post(url("new_heartbeat"), {**FORM, **wrong})
        page = answer.content.decode()
        assert answer.status_code == 400 and ("field-error" in page or "form-error" in page)
        assert not Heartbeat.objects.exists()

    def test_pauses_rotates_and_deletes(self, world, beats):
        heartbeat, client = beats.make(), world.client("developer")
        client.post(url("heartbeat_pause", heartbeat.ref))
        assert status(heartbeat) == "paused"
        client.post(url("heartbeat_pause", heartbeat.ref), {"resume": "1"})
        assert status(heartbeat) == "new"
        before, old = address_of(heartbeat), heartbeat.key_fingerprint
        client.post(url("heartbeat_key", heartbeat.ref))
        heartbeat.refresh_from_db()
        assert address_of(heartbeat) != before and heartbeat.key_fingerprint != old
        client.post(url("heartbeat_deletion", heartbeat.ref))
        assert client.get(url("heartbeat", heartbeat.ref)).status_code == 404
        told = list(Entry.objects.filter(subject=heartbeat.ref).values_list("action", flat=True).order_by("pk"))
        assert told == [f"heartbeat.{verb}" for verb in ("create", "pause", "resume", "rotate", "delete")]
        written = str(list(Entry.objects.values_list("detail", flat=True)))
        assert before.rpartition("/")[2] not in written, "a key is in no log"

    def test_there_is_an_end_to_them(self, world, beats, monkeypatch):
        monkeypatch.setattr("aftercare.watch.heartbeats.actions.MOST_OF_ONE", 1)
        assert MOST_OF_ONE == 500
        world.client("eng").post(url("new_heartbeat"), FORM)
        answer = world.client("eng").post(url("new_heartbeat"), FORM)
        assert answer.status_code == 400 and "the most there can be" in answer.content.decode()

    def test_a_changed_secret_says_so(self, world, beats, settings):
        heartbeat, client = beats.make(), world.client("eng")
        sealed_elsewhere = "gAAAAABnothing"
        Heartbeat.objects.filter(pk=heartbeat.pk).update(key_sealed=sealed_elsewhere)
        assert "cannot be shown any more" in client.get(url("heartbeat", heartbeat.ref)).content.decode()


class TestApi:
    def call(self, world, who, method, path, facts=None):
        client = world.client(who)
        return getattr(client, method)(f"/api/v1/heartbeats{path}", facts, content_type="application/json")

    def test_it_works(self, world, beats):
        made = self.call(world, "eng", "post", "", JSON)
        assert made.status_code == 201
        told = made.json()
        assert told["status"] == "new" and told["every_s"] is None and told["address"].startswith("http")
        ref = told["ref"]
        beats.ping(Heartbeat.objects.get(), "start", rid="a")
        beats.ping(Heartbeat.objects.get(), rid="a", exit_code=0)
        assert [one["kind"] for one in self.call(world, "eng", "get", f"/{ref}/pings").json()] == ["ok", "start"]
        assert [one["to_status"] for one in self.call(world, "eng", "get", f"/{ref}/changes").json()] == ["up"]
        changed = self.call(world, "eng", "put", f"/{ref}", {"name": "Dump", "every_s": 60}).json()
        assert (changed["name"], changed["cron"], changed["status"]) == ("Dump", "", "new")
        assert self.call(world, "eng", "post", f"/{ref}/pause").json()["status"] == "paused"
        assert self.call(world, "eng", "delete", f"/{ref}/pause").json()["status"] == "new"
        assert self.call(world, "eng", "post", f"/{ref}/key").json()["address"] != told["address"]
        assert [one["ref"] for one in self.call(world, "eng", "get", "").json()["heartbeats"]] == [ref]
        assert self.call(world, "eng", "delete", f"/{ref}").status_code == 204
        assert self.call(world, "eng", "get", "").json() == {"next": None, "heartbeats": []}

    def test_a_strangers_and_a_readers(self, world, beats):
        ref = beats.make().ref
        assert self.call(world, "viewer", "get", f"/{ref}").json()["address"] is None
        for method, path in (("put", ""), ("delete", ""), ("post", "/pause"), ("delete", "/pause"), ("post", "/key")):
            facts = {"name": "x", "every_s": 60} if method == "put" else None
            assert self.call(world, "viewer", method, f"/{ref}{path}", facts).status_code == 403
            assert self.call(world, "stranger", method, f"/{ref}{path}", facts).status_code == 404
        for path in ("", "/pings", "/changes"):
            assert self.call(world, "stranger", "get", f"/{ref}{path}").status_code == 404
        assert self.call(world, "stranger", "get", "").json()["heartbeats"] == []
        assert self.call(world, "zhao", "post", "", JSON).status_code == 409

    def test_a_cursor_of_nobodys(self, world):
        assert self.call(world, "eng", "get", "?cursor=nonsense").status_code == 409
        assert self.call(world, "eng", "get", "?cursor=LTU").status_code == 200
