"""The session search and the page of one session."""

from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest

from aftercare.accounts.queries import user_hash
from aftercare.telemetry.queries.reading import floored
from aftercare.telemetry.tests.made import crowd, playback, row
from tests.world import World


@pytest.fixture
def start(world: World) -> datetime:
    return floored(world.now - timedelta(minutes=20), 60)


def test_it_works(telemetry: Any, world: World, start: datetime) -> None:
    stalled = [*playback(world.show_app, "one", start, stall_ms=4200, first_frame_ms=726)]
    stalled.append(
        row(world.show_app, "one", start + timedelta(seconds=61), stall_ms=2000, stall_count=1, interval_ms=2000)
    )
    telemetry.add(stalled)
    response = world.client("viewer").get(f"/apps/{world.show_app.ref}/sessions/one")
    page = response.content.decode()
    assert response.status_code == 200
    assert "2 stalls, 6.2" in page and "first frame 726" in page
    assert "block-stalled" in page and "block-playing" in page
    assert "Bitrate" in page and "<table" in page


def test_the_lanes_have_their_numbers_as_a_table(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(list(playback(world.show_app, "one", start, seconds=20)))
    url = f"/apps/{world.show_app.ref}/sessions/one"
    assert "?numbers=1#readings" in world.client("viewer").get(url).content.decode()
    table = world.client("viewer").get(url, {"numbers": "1"}).content.decode().split('id="readings"')[1]
    assert "Bitrate (kbps)" in table and "Round trip (ms)" in table
    assert table.count("2,000.0") == 4 and table.count("40.0") == 4


def test_of_a_session_whose_reports_have_expired_the_sums_are_left(
    telemetry: Any, world: World, start: datetime
) -> None:
    gaps = {"video_ms": 5000, "video_gaps": [900], "audio_gaps": [300]}
    late = row(world.show_app, "old", start + timedelta(seconds=70), event="error", province="广东", **gaps)
    telemetry.add([*playback(world.show_app, "old", start, stall_ms=4200, first_frame_ms=726, stream="r1"), late])
    telemetry.pool.command("TRUNCATE TABLE samples")
    url = f"/apps/{world.show_app.ref}/sessions/old"
    assert url in world.client("viewer").get(f"/apps/{world.show_app.ref}/sessions").content.decode()
    page = world.client("viewer").get(url).content.decode()
    assert "have expired" in page and "kept for 30 days" in page
    assert "1 stall, 4.2" in page and "first frame 726" in page and "广东" in page
    assert "video frozen 900 ms" in page and "audio frozen 300 ms" in page
    assert "timeline-legend" not in page
    world.viewer.language = "zh-hans"
    world.viewer.save()
    assert "逐条上报已过期" in world.client("viewer").get(url).content.decode()
    assert world.client("stranger").get(url).status_code == 404
    assert world.client("viewer").get(f"/apps/{world.show_app.ref}/sessions/never").status_code == 404


def test_another_apps_session_is_not_there(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(list(playback(world.social_app, "theirs", start)))
    telemetry.add(list(playback(world.show_app, "ours", start)))
    assert world.client("zhao").get(f"/apps/{world.show_app.ref}/sessions/theirs").status_code == 404
    assert world.client("zhao").get(f"/apps/{world.social_app.ref}/sessions/theirs").status_code == 404
    assert world.client("stranger").get(f"/apps/{world.show_app.ref}/sessions/ours").status_code == 404
    assert world.client("eng").get(f"/apps/{world.social_app.ref}/sessions/theirs").status_code == 200
    assert world.client().get(f"/apps/{world.show_app.ref}/sessions/ours").status_code == 302


@pytest.mark.parametrize("name", ["a/b?c#d", "会话 1", "' OR 1=1 --", "<i>", "%2e%2e"])
def test_any_session_name_has_its_page(telemetry: Any, world: World, start: datetime, name: str) -> None:
    telemetry.add(list(playback(world.show_app, name, start, stall_ms=1000)))
    search = world.client("zhao").get(f"/apps/{world.show_app.ref}/sessions")
    page = search.content.decode()
    link = unescape(page.split('class="session-link" href="')[1].split('"')[0])
    assert world.client("zhao").get(link).status_code == 200
    assert "<i>" not in page


def test_search_by_plain_user_and_by_page(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(crowd(world.show_app, start, 60, seconds=5))
    telemetry.add(list(playback(world.show_app, "alices", start, user=user_hash(world.show, "alice").hex())))
    url = f"/apps/{world.show_app.ref}/sessions"
    found = world.client("viewer").get(url, {"user": "alice"}).content.decode()
    assert found.count("session-link") == 1 and "alices" in found
    assert "61" in world.client("viewer").get(url).content.decode()
    assert world.client("viewer").get(url, {"page": "2"}).content.decode().count("session-link") == 11
    for page in ("99", "-1", "x", "1e9", "²"):
        assert world.client("viewer").get(url, {"page": page}).content.decode().count("session-link") > 0


def test_order_and_filters_stay_in_the_address(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(list(playback(world.show_app, "early", start, stall_ms=4000, stream="r1")))
    telemetry.add(list(playback(world.show_app, "late", start + timedelta(minutes=5), stream="r2")))
    url = f"/apps/{world.show_app.ref}/sessions"
    newest = world.client("zhao").get(url, {"order": "newest"}).content.decode()
    assert newest.index("sessions/late") < newest.index("sessions/early")
    worst = world.client("zhao").get(url).content.decode()
    assert worst.index("sessions/early") < worst.index("sessions/late")
    narrowed = world.client("zhao").get(url, {"stream": "r2"}).content.decode()
    assert "sessions/late" in narrowed and "sessions/early" not in narrowed
    assert '<input type="hidden" name="stream" value="r2">' in narrowed


def test_no_session_is_said(telemetry: Any, world: World) -> None:
    url = f"/apps/{world.show_app.ref}/sessions"
    assert "No session was on in this time" in world.client("zhao").get(url).content.decode()
    assert "No session fits" in world.client("zhao").get(url, {"q": "x"}).content.decode()


def test_a_session_of_one_row(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add([row(world.show_app, "one", start, event="start_failed", code="403")])
    page = world.client("zhao").get(f"/apps/{world.show_app.ref}/sessions/one").content.decode()
    assert "No stalls" in page and "Start failed" in page and "first frame not told" in page
