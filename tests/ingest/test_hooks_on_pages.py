"""From a hook to the pages: who a server or vendor told of is found, shown and counted, and no more is claimed."""

import json
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse

from aftercare.ingest.keys import Key
from aftercare.kernel.signing import fingerprint
from aftercare.telemetry.queries.series import metric_series
from tests.ingest.door import FrontDoor
from tests.ingest.vendors import TrtcDouble
from tests.world import World

SECRET = "CallbackSecret0123456789"


@pytest.fixture
def show(door: FrontDoor, world: World) -> FrontDoor:
    """The door with a key of the cast's live app."""
    key = Key(fingerprint("k"), world.show.pk, world.show_app.pk, 30, 1e6, bytes(world.show.user_hash_secret))
    signed = Key(**{**vars(key), "callback_source": "tencent-trtc", "callback_secret": SECRET})
    door.keys.append(signed)
    door.ring.reload()
    return door


def test_a_guest_of_a_room_is_found_by_their_plain_name(show: FrontDoor, world: World) -> None:
    now_ms = int(show.now * 1000)
    sender = TrtcDouble("/v1/hooks/tencent-trtc/k", SECRET)
    guest = {"RoomId": "room-1", "UserId": "u-88"}
    for request in (
        sender.send(103, at_ms=now_ms - 200_000, **guest, Role=20),
        sender.send(201, at_ms=now_ms - 199_000, **guest),
        sender.send(104, at_ms=now_ms - 80_000, **guest, Reason=2),
    ):
        assert show.send(*request)[0] == 200
    show.telemetry.steps.run_due(force=True)
    client = world.client("zhao", headers={"accept-language": "en"})
    found = client.get(reverse("telemetry:sessions", args=[world.show_app.ref]), {"user": "u-88"}).content.decode()
    session = show.rows("any(session)")[0]
    assert session in found or quote(session) in found
    page = client.get(reverse("telemetry:session", args=[world.show_app.ref, session]))
    html = page.content.decode()
    assert (page.status_code == 200 and "push_broken" in html) or "broke" in html
    assert world.client("stranger").get(page.request["PATH_INFO"]).status_code == 404


def test_who_is_there_counts_as_concurrent_while_the_stream_is_on(show: FrontDoor, world: World) -> None:
    show.now -= 300
    begun = show.now
    body = {"server_id": "v", "vhost": "v", "app": "live", "stream": "room-2"}
    for client, action in (("c1", "on_publish"), ("c2", "on_play"), ("c3", "on_play")):
        event = json.dumps({**body, "client_id": client, "action": action}).encode()
        assert show.send("POST", "/v1/hooks/srs/k", event) == (200, b"0")
    show.now += 200
    ends = time.monotonic() + 10
    while show.rows("sum(interval_ms)")[0] < 3 * 180_000 and time.monotonic() < ends:
        time.sleep(0.02)  # the committing thread looks once a second
    show.telemetry.steps.run_due(force=True)
    start = datetime.fromtimestamp(begun // 60 * 60 + 60, UTC)
    points = metric_series(world.show_app, "concurrent", start, start + timedelta(minutes=2), step_s=60)
    assert [value for _, value, _ in points] == [3, 3]
