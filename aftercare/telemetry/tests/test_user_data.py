"""Exporting and erasing everything about one end user."""

import json
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from aftercare.accounts.actions.data_requests import request_user_data
from aftercare.accounts.models import DataRequest
from aftercare.accounts.queries import user_hash
from aftercare.telemetry import engine
from aftercare.telemetry.actions import user_data
from aftercare.telemetry.models import UserDataJob
from aftercare.telemetry.tests.made import crowd, playback, row
from tests.world import World


@pytest.fixture
def alice(telemetry: Any, world: World) -> str:
    """Alice's traces on two days, beside other users and another customer's Alice."""
    hashed = user_hash(world.show, "alice").hex()
    telemetry.add(crowd(world.show_app, world.now - timedelta(minutes=20), 3, seconds=10))
    telemetry.add(list(playback(world.show_app, "hers", world.now - timedelta(minutes=20), user=hashed, seconds=10)))
    telemetry.add([row(world.show_app, "hers", world.now - timedelta(minutes=19), event="leave")])
    telemetry.add(list(playback(world.show_app, "older", world.now - timedelta(days=2), user=hashed, seconds=10)))
    telemetry.add(list(playback(world.social_app, "theirs", world.now - timedelta(minutes=20), user=hashed)))
    return hashed


def ask(world: World, kind: str) -> DataRequest:
    return request_user_data(customer=world.show, kind=kind, identifier="alice", actor=world.zhao, now=world.now)


def work(world: World, rounds: int = 8) -> None:
    for _ in range(rounds):
        engine.process_due(world.now)


def count(telemetry: Any, where: str) -> int:
    return int(telemetry.pool.rows(f"SELECT count() FROM samples WHERE {where}")[0][0])


def test_an_export_holds_everything_and_only_hers(telemetry: Any, world: World, alice: str) -> None:
    request = ask(world, "export")
    work(world)
    request.refresh_from_db()
    assert request.done_at and request.result == {"rows": 7}
    response = world.client("zhao").get(f"/user-data/{request.ref}/export.ndjson")
    lines = [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]  # type: ignore[attr-defined]
    assert {line["session"] for line in lines} == {"hers", "older"}
    assert {line.get("user", alice) for line in lines} == {alice}
    assert [line["ts"] for line in lines] == sorted(line["ts"] for line in lines)


def test_who_may_download(telemetry: Any, world: World, alice: str) -> None:
    request = ask(world, "export")
    url = f"/user-data/{request.ref}/export.ndjson"
    assert world.client("zhao").get(url).status_code == 404
    work(world)
    assert world.client("zhao").get(url).status_code == 200
    assert world.client("mei").get(url).status_code == 200
    assert world.client("stranger").get(url).status_code == 404
    assert world.client("viewer").get(url).status_code == 403
    assert world.client("eng").get(url).status_code == 403


def test_an_erasure_takes_raw_rows_and_sessions_and_keeps_the_sums(telemetry: Any, world: World, alice: str) -> None:
    sums = "SELECT sum(interval_ms), sum(sessions) FROM r1m WHERE cut = ''"
    before, others = telemetry.pool.rows(sums), count(telemetry, f"user != '{alice}' AND session NOT IN ('hers')")
    request = ask(world, "erase")
    work(world)
    request.refresh_from_db()
    assert request.result == {"rows": 7}
    assert count(telemetry, f"customer = {world.show.pk} AND user = '{alice}'") == 0
    assert count(telemetry, "session IN ('hers', 'older')") == 0
    assert count(telemetry, f"user != '{alice}'") == others
    assert count(telemetry, f"customer = {world.social.pk} AND user = '{alice}'") > 0
    assert telemetry.pool.rows("SELECT count() FROM sessions WHERE session IN ('hers', 'older')")[0][0] == 0
    assert telemetry.pool.rows(sums) == before
    assert world.client("zhao").get(f"/apps/{world.show_app.ref}/sessions/hers").status_code == 404


def test_plain_identifiers_are_found_where_a_key_does_not_hash(telemetry: Any, world: World) -> None:
    telemetry.add(list(playback(world.show_app, "hers", world.now - timedelta(minutes=5), user="alice", seconds=10)))
    world.show_key.user_hash = False
    world.show_key.save()
    request = ask(world, "erase")
    work(world)
    request.refresh_from_db()
    assert request.result == {"rows": 3}


def test_a_user_nobody_has_seen(telemetry: Any, world: World) -> None:
    request = ask(world, "export")
    work(world)
    request.refresh_from_db()
    assert request.result == {"rows": 0}
    assert world.client("zhao").get(f"/user-data/{request.ref}/export.ndjson").status_code == 200


def test_a_crash_between_file_and_row_repeats_the_day(telemetry: Any, world: World, alice: str) -> None:
    request = ask(world, "export")
    engine.process_due(world.now)
    path = user_data.export_path(request)
    path.write_bytes(b'{"half a line')
    work(world)
    lines = path.read_bytes().splitlines()
    assert len([json.loads(line) for line in lines]) == 7


def test_a_failure_is_tried_again(telemetry: Any, world: World, alice: str) -> None:
    request = ask(world, "erase")
    with mock.patch.object(user_data.user_rows, "days_of", side_effect=RuntimeError("engine gone")):
        work(world)
    job = UserDataJob.objects.get()
    assert (job.failures, job.finished_at) == (1, None)
    later = world.now + timedelta(minutes=6)
    for _ in range(6):
        engine.process_due(later)
    request.refresh_from_db()
    assert request.done_at == later


def test_exports_go_after_a_week(telemetry: Any, world: World, alice: str) -> None:
    request = ask(world, "export")
    work(world)
    engine.process_due(world.now + timedelta(days=8))
    assert not user_data.export_path(request).exists()
    assert world.client("zhao").get(f"/user-data/{request.ref}/export.ndjson").status_code == 404
