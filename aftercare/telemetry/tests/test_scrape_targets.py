"""Scrape targets by hand: who may, what is refused with which sentence, and that secrets stay."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from aftercare.audit.models import Entry
from aftercare.kernel.config import read_config
from aftercare.kernel.errors import Refused
from aftercare.telemetry.actions.scraping import (
    Pull,
    claim_due_targets,
    credentials_of,
    next_turn,
    owner_of,
    record_pull,
    record_pulls,
)
from aftercare.telemetry.models import Resource, ScrapeTarget
from tests.world import World, make_world

FORM = {"name": "node", "address": "http://93.184.215.14:9100/metrics", "interval_s": "15", "timeout_s": "10"}
SECRET = {"auth": "bearer", "secret": "s3cret-token"}


def made(world: World, name: str = "node", app: Any = None, **more: Any) -> ScrapeTarget:
    fields = {"address": FORM["address"], "interval_s": 15, "timeout_s": 10, "created_at": world.now, **more}
    owner = app or (None if "resource" in more else world.show_app)
    return ScrapeTarget.objects.create(**{"app": owner, "name": name, "next_at": world.now, **fields})


def test_it_works(world: World) -> None:
    client = world.client("developer")
    url = f"/apps/{world.show_app.ref}/targets"
    assert "Nothing is pulled here yet" in client.get(url).content.decode()
    made = client.post(f"{url}/new", {**FORM, **SECRET, "labels": "region=cn-east\nzone = a "})
    target = ScrapeTarget.objects.get()
    assert made.headers["Location"] == f"/targets/{target.ref}"
    assert (target.labels, target.app) == ({"region": "cn-east", "zone": "a"}, world.show_app)
    assert target.asked_at == target.next_at
    record_pull(Pull(target.pk, 1, world.now, 12, samples=2, seen=[["up_time", "5"], ["<script>", "1"]]))
    page = client.get(f"/targets/{target.ref}").content.decode()
    assert "up_time" in page and "&lt;script&gt;" in page
    listed = client.get(url).content.decode()
    assert target.name in listed and "93.184.215.14" in listed


def test_a_secret_is_kept_to_be_used_and_never_shown(world: World) -> None:
    client = world.client("zhao")
    client.post(
        f"/apps/{world.show_app.ref}/targets/new", {**FORM, "auth": "basic", "username": "u", "secret": "s3cret-token"}
    )
    target = ScrapeTarget.objects.get()
    assert "s3cret-token" not in target.secret and credentials_of(target) == ("u", "s3cret-token")
    for url in (f"/targets/{target.ref}", f"/targets/{target.ref}/edit", f"/apps/{world.show_app.ref}/targets"):
        assert "s3cret-token" not in client.get(url).content.decode()
    assert all("s3cret" not in str(entry.detail) for entry in Entry.objects.all())


@pytest.mark.parametrize(
    "address", ["http://93.184.215.15:9100/", "https://93.184.215.14:9100/", "http://93.184.215.14:9101/"]
)
def test_a_secret_does_not_follow_to_another_host(world: World, address: str) -> None:
    client = world.client("zhao")
    client.post(f"/apps/{world.show_app.ref}/targets/new", {**FORM, **SECRET})
    url = f"/targets/{ScrapeTarget.objects.get().ref}/edit"
    moved = client.post(url, {**FORM, "auth": "bearer", "secret": "", "address": address})
    assert moved.status_code == 400 and "former host alone" in moved.content.decode()
    assert client.post(url, {**FORM, "auth": "bearer", "secret": "", "name": "other"}).status_code == 302
    assert credentials_of(ScrapeTarget.objects.get()) == ("", "s3cret-token")
    assert client.post(url, {**FORM, "auth": "bearer", "secret": "new", "address": address}).status_code == 302
    assert credentials_of(ScrapeTarget.objects.get()) == ("", "new")
    assert client.post(url, {**FORM, "auth": ""}).status_code == 302
    assert ScrapeTarget.objects.get().secret == ""


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("address", "ftp://93.184.215.14/", "begins with http"),
        ("address", "http://u:p@93.184.215.14/", "no user name and no password"),
        ("address", "http://", "not a web address"),
        ("address", "http://10.0.0.7:9100/metrics", "private network"),
        ("address", "http://[::1]:9100/metrics", "private network"),
        ("address", "http://169.254.169.254/latest/", "private network"),
        ("address", "http://93.184.215.15:6379/", "not one that exporters listen on"),
        ("interval_s", "4", "greater than or equal to 5"),
        ("timeout_s", "20", "longer than the time between"),
        ("labels", "region", "is not a label such as"),
        ("labels", "job=x", "given by us"),
        ("labels", "__name__=x", "given by us"),
        ("secret", "a\x01b", "printable ASCII"),
        ("auth", "basic", "Give the user name"),
        ("auth", "bearer", "Give the token"),
    ],
)
def test_says_what_is_wrong(world: World, field: str, value: str, sentence: str) -> None:
    answer = world.client("zhao").post(f"/apps/{world.show_app.ref}/targets/new", {**FORM, field: value})
    assert (answer.status_code, sentence in answer.content.decode()) == (400, True), answer.content.decode()[-3000:]
    assert not ScrapeTarget.objects.exists()


def test_names_are_given_once_and_there_are_only_so_many(world: World) -> None:
    client, url = world.client("zhao"), f"/apps/{world.show_app.ref}/targets/new"
    assert client.post(url, FORM).status_code == 302
    assert "already a target of this name" in client.post(url, FORM).content.decode()
    for n in range(19):
        made(world, f"t{n}")
    assert "as many as one owner may have" in client.post(url, {**FORM, "name": "one more"}).content.decode()


def test_others_see_nothing_and_readers_change_nothing(world: World) -> None:
    target = made(world)
    pages = [f"/targets/{target.ref}", f"/apps/{world.show_app.ref}/targets"]
    forms = [f"/targets/{target.ref}/edit", f"/apps/{world.show_app.ref}/targets/new"]
    changes = [f"/targets/{target.ref}/{what}" for what in ("edit", "trial", "pause", "removal")]
    stranger, viewer = world.client("stranger"), world.client("viewer")
    assert {stranger.get(url).status_code for url in pages + forms} == {404}
    assert {stranger.post(url, FORM).status_code for url in changes} == {404}
    assert {viewer.get(url).status_code for url in pages} == {200}
    assert {viewer.post(url, FORM).status_code for url in changes} == {403}
    assert "Pull it now" not in viewer.get(pages[0]).content.decode().replace("Pull it now, and", "")
    assert ScrapeTarget.objects.filter(paused_at__isnull=True).count() == 1


def test_the_providers_own_exist_for_its_staff_alone(telemetry: Any, world: World) -> None:
    edge = Resource.objects.create(kind="edge", name="edge-sh-01")
    url = f"/resources/{edge.ref}/targets"
    assert world.client("eng").post(f"{url}/new", FORM).status_code == 302
    target = ScrapeTarget.objects.get()
    assert (target.resource, target.app, owner_of(target)) == (edge, None, -edge.pk)
    assert world.client("eng").get(url).status_code == world.client("agent").get(url).status_code == 200
    assert world.client("agent").post(f"{url}/new", FORM).status_code == 403
    for place in (url, f"{url}/new", f"/targets/{target.ref}", f"/targets/{target.ref}/edit"):
        assert world.client("zhao").get(place).status_code == 404
    assert "1 target" in world.client("eng").get(f"/resources/{edge.ref}").content.decode()


def test_private_networks_are_for_whom_the_setting_says(world: World, settings: Any) -> None:
    edge = Resource.objects.create(kind="edge", name="edge-sh-01")
    inside = {**FORM, "address": "http://10.0.0.7:9100/metrics"}
    mine, theirs = f"/resources/{edge.ref}/targets/new", f"/apps/{world.show_app.ref}/targets/new"
    for told, expected in (("", (400, 400)), ("resources", (302, 400)), ("all", (302, 302))):
        settings.PRIVATE_SCRAPES = told
        facts = {**inside, "name": told or "none"}
        got = world.client("eng").post(mine, facts).status_code, world.client("zhao").post(theirs, facts).status_code
        assert got == expected, told
        metadata = {**facts, "name": "m", "address": "http://100.100.100.200/latest/meta-data/"}
        assert world.client("eng").post(mine, metadata).status_code == 400


def test_a_setting_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="AFTERCARE_ALLOW_PRIVATE_SCRAPES is 'yes': it must be resources or all"):
        read_config({"AFTERCARE_DATA": str(tmp_path), "AFTERCARE_ALLOW_PRIVATE_SCRAPES": "yes"})


def test_several_processes_share_the_work(transactional_db: Any) -> None:
    world = make_world()
    for n in range(12):
        made(world, f"t{n}", app=None, resource=Resource.objects.create(kind="edge", name=f"edge-{n}"))
    gate, claimed = threading.Barrier(3), list[int]()

    def work() -> None:
        try:
            gate.wait(10)
            for _ in range(4):
                claimed.extend(row.pk for row in claim_due_targets(world.now, limit=3, busy={}))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    claimed += [row.pk for row in claim_due_targets(world.now, limit=32, busy={})]
    assert sorted(claimed) == sorted(ScrapeTarget.objects.values_list("pk", flat=True))


def test_every_change_is_in_the_audit(world: World) -> None:
    client = world.client("zhao")
    client.post(f"/apps/{world.show_app.ref}/targets/new", FORM)
    ref = ScrapeTarget.objects.get().ref
    client.post(f"/targets/{ref}/edit", {**FORM, "interval_s": "30"})
    for more in ({}, {}, {"resume": "1"}):
        client.post(f"/targets/{ref}/pause", more)
    client.post(f"/targets/{ref}/removal")
    told = [f"scrape_target.{what}" for what in ("add", "edit", "pause", "resume", "remove")]
    entries = Entry.objects.filter(action__startswith="scrape_target.").order_by("id")
    assert [entry.action for entry in entries] == told
    assert {(entry.subject, entry.customer_id, entry.actor_name) for entry in entries} == {(ref, world.show.pk, "Zhao")}
    assert not ScrapeTarget.objects.exists()


def test_a_pull_out_of_turn(world: World) -> None:
    target, client = made(world, next_at=world.now + timedelta(seconds=9), paused_at=world.now), world.client("zhao")
    assert claim_due_targets(world.now, limit=9, busy={}) == []
    client.post(f"/targets/{target.ref}/trial")
    asked = ScrapeTarget.objects.get().asked_at
    assert asked is not None and "being pulled" in client.get(f"/targets/{target.ref}").content.decode()
    assert [row.pk for row in claim_due_targets(asked, limit=9, busy={})] == [target.pk]
    assert claim_due_targets(asked + timedelta(seconds=5), limit=9, busy={}) == []
    assert len(claim_due_targets(asked + timedelta(minutes=2), limit=9, busy={})) == 1, "its puller was killed"
    record_pull(Pull(target.pk, 1, asked, 10, samples=1, seen=[["a", "1"]]))
    again = client.post(f"/targets/{target.ref}/trial", follow=True).content.decode()
    assert "pulled a moment ago" in again


def test_turns_keep_their_distance_and_few_fall_together(world: World) -> None:
    targets = [made(world, f"t{n}") for n in range(20)]
    turns = [next_turn(target, world.now) for target in targets]
    assert all(timedelta(seconds=7.5) <= turn - world.now <= timedelta(seconds=22.5) for turn in turns)
    assert len({turn.second for turn in turns}) > 5
    for target, turn in zip(targets, turns, strict=True):
        later = next_turn(target, turn + timedelta(seconds=0.01))
        assert abs(later - turn - timedelta(seconds=15)) < timedelta(seconds=0.001)


def test_what_is_due_is_claimed_once(world: World) -> None:
    target = made(world)
    assert [row.pk for row in claim_due_targets(world.now, limit=9, busy={})] == [target.pk]
    assert claim_due_targets(world.now, limit=9, busy={}) == []
    assert claim_due_targets(world.now + timedelta(seconds=7), limit=9, busy={}) == []
    assert len(claim_due_targets(world.now + timedelta(seconds=23), limit=9, busy={})) == 1


def test_a_clock_set_back_stops_nothing(world: World) -> None:
    made(world)
    claim_due_targets(world.now, limit=9, busy={})
    earlier = world.now - timedelta(hours=1)
    assert len(claim_due_targets(earlier, limit=9, busy={})) == 1
    assert claim_due_targets(earlier, limit=9, busy={}) == []
    assert len(claim_due_targets(world.now + timedelta(days=1), limit=9, busy={})) == 1
    assert claim_due_targets(world.now + timedelta(days=1), limit=9, busy={}) == []


def test_one_customer_takes_no_more_than_its_part(world: World) -> None:
    for n in range(10):
        made(world, f"t{n}", next_at=world.now - timedelta(minutes=1))
    other = made(world, app=world.social_app)
    claimed = claim_due_targets(world.now, limit=32, busy={})
    assert [owner_of(row) for row in claimed].count(world.show.pk) == 4
    assert other.pk in {row.pk for row in claimed}
    assert claim_due_targets(world.now, limit=32, busy={world.show.pk: 4}) == []
    assert len(claim_due_targets(world.now, limit=32, busy={world.show.pk: 3})) == 1


def test_the_state_tells_since_when(world: World) -> None:
    target = made(world)
    at = [world.now + timedelta(seconds=15 * n) for n in range(5)]
    record_pulls([Pull(target.pk, 1, at[0], 5, samples=3), Pull(target.pk, 1, at[1], 5, samples=3)])
    target.refresh_from_db()
    assert (target.up_since, target.failing_since) == (at[0], None)
    for when in at[2:4]:
        record_pull(Pull(target.pk, 1, when, 5, trouble="No connection", detail="Connection refused"))
    target.refresh_from_db()
    assert (target.up_since, target.failing_since) == (None, at[2])
    assert "No connection (Connection refused)" in world.client("viewer").get(f"/targets/{target.ref}").content.decode()
    record_pull(Pull(target.pk, 1, at[4], 5, samples=3))
    target.refresh_from_db()
    assert (target.up_since, target.failing_since, target.trouble) == (at[4], None, "")


def test_a_pull_of_a_former_address_says_nothing(world: World) -> None:
    target = made(world)
    world.client("zhao").post(f"/targets/{target.ref}/edit", {**FORM, "address": "http://93.184.215.15:9100/"})
    record_pull(Pull(target.pk, 1, world.now, 5, trouble="No connection"))
    target.refresh_from_db()
    assert (target.failing_since, target.pulled_at) == (None, None)
