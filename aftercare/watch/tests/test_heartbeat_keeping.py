"""What is kept of pings: histories that end, runs told apart, floods, and rows that somebody else is at."""

from threading import Thread

import psycopg
import pytest
from django.db import connection, transaction

from aftercare.notify.stream.hub import connection_params
from aftercare.watch.heartbeats.actions import rotate_key
from aftercare.watch.heartbeats.committer import fold
from aftercare.watch.heartbeats.engine import process_due
from aftercare.watch.heartbeats.keeping import keep
from aftercare.watch.heartbeats.pings import Ping, read_path, text_of
from aftercare.watch.models import PINGS_KEPT, Alert, HeartbeatPing, HeartbeatState, HeartbeatWatch
from aftercare.watch.tests.beating import Beats, status
from tests.world import make_world


def pings_of(heartbeat):
    return list(HeartbeatPing.objects.filter(heartbeat=heartbeat).order_by("number"))


def test_a_history_ends(beats):
    heartbeat = beats.make()
    for n in range(PINGS_KEPT + 30):
        beats.now += beats.now.resolution * 1_000_000
        beats.ping(heartbeat, rid=f"r{n}", look=False)
    kept = pings_of(heartbeat)
    assert len(kept) == PINGS_KEPT and kept[-1].rid == f"r{PINGS_KEPT + 29}" and kept[0].rid == "r30"


def test_a_flood_is_one_row_a_second_and_its_last_time_is_right(beats):
    heartbeat = beats.make()
    at = beats.now.timestamp()
    many = [Ping(heartbeat.pk, heartbeat.key_fingerprint, at + n / 1000, "ok") for n in range(900)]
    folded = fold(many)
    assert len(folded) == 1 and folded[0].repeats == 900
    beats.keep(folded)
    beats.keep([Ping(heartbeat.pk, heartbeat.key_fingerprint, at + 0.95, "ok")])
    (row,) = pings_of(heartbeat)
    assert row.repeats == 901 and row.at.timestamp() == pytest.approx(at + 0.95)
    assert HeartbeatState.objects.get().last_ok_at == row.at


def test_several_of_one_in_one_commit_keep_their_order(beats):
    heartbeat = beats.make()
    told = [("start", "a", 0), ("start", "b", 1), ("ok", "b", 4), ("fail", "a", 9)]
    at = beats.now.timestamp()
    beats.keep([Ping(heartbeat.pk, heartbeat.key_fingerprint, at + s, kind, rid=rid) for kind, rid, s in told])
    rows = pings_of(heartbeat)
    assert [(row.kind, row.rid, row.took_s) for row in rows] == [
        ("start", "a", None), ("start", "b", None), ("ok", "b", 3.0), ("fail", "a", 9.0),
    ]  # fmt: skip
    state = HeartbeatState.objects.get()
    assert state.started_at is None and state.failed_at == rows[-1].at


def test_the_end_of_one_run_is_not_that_of_another(beats):
    heartbeat = beats.make(longest_run_s=60)
    beats.ping(heartbeat, "start", rid="a")
    beats.ping(heartbeat, "start", rid="b")
    beats.ping(heartbeat, rid="b")
    beats.wait(seconds=60)
    assert status(heartbeat) == "down", "run a never ended"


def test_a_rotated_key_is_nobodys(beats):
    heartbeat = beats.make()
    old = heartbeat.key_fingerprint
    rotate_key(heartbeat=heartbeat, actor=None, now=beats.now)
    done = beats.keep([Ping(heartbeat.pk, old, beats.now.timestamp(), "ok")])
    assert len(done.nobodys) == 1 and not HeartbeatPing.objects.exists()
    heartbeat.refresh_from_db()
    assert len(beats.keep([Ping(heartbeat.pk, heartbeat.key_fingerprint, beats.now.timestamp(), "ok")]).kept) == 1


def test_addresses():
    key = "0123456789abcdefghjkmnpqrs"
    told = {"": "ok", "/": "ok", "/start": "start", "/fail": "fail", "/log": "log", "/0": "ok", "/255": "fail"}
    assert {rest: read_path(f"/ping/{key}{rest}").kind for rest in told} == told
    for rest in ("/256", "/-1", "/start/", "/START", "/ok", "/1/2", "//"):
        assert read_path(f"/ping/{key}{rest}") is None, rest
    assert read_path("/ping/") is None and read_path("/ping/" + "k" * 65) is None


def test_a_body_of_any_bytes_becomes_text():
    assert text_of(b"a\x00b\xff" + "ß".encode()[:1]) == "a\ufffdb\ufffd\ufffd"
    assert len(text_of(b"x" * 50_000)) == 10_000


@pytest.fixture
def committed(transactional_db):
    """Heartbeats that other connections see."""
    return Beats(make_world())


def raw():
    return psycopg.connect(**connection_params(), autocommit=True)


def test_a_heartbeat_that_is_being_settled_holds_up_no_other(committed):
    busy, free = committed.make(name="Busy"), committed.make(name="Free")
    told = [Ping(one.pk, one.key_fingerprint, committed.now.timestamp(), "ok") for one in (busy, free)]
    with raw() as other:
        with transaction.atomic():
            HeartbeatState.objects.select_for_update().get(pk=busy.pk)
            done = keep(other, told)
            assert [ping.heartbeat for ping in done.kept] == [free.pk]
            assert [ping.heartbeat for ping in done.held] == [busy.pk] and not done.nobodys
        assert len(keep(other, done.held).kept) == 1
    connection.close()


def test_two_that_look_at_once_open_one_alert(committed):
    heartbeat = committed.make()
    committed.ping(heartbeat)
    committed.now += committed.now.resolution * 360_000_000
    HeartbeatWatch.objects.update(looked_at=committed.now)

    def look():
        process_due(committed.now)
        connection.close()

    lookers = [Thread(target=look) for _ in range(4)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join(30)
    assert Alert.objects.filter(heartbeat=heartbeat).count() == 1 and status(heartbeat) == "down"
