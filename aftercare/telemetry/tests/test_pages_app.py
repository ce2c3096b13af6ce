"""The live page of an app, the list, the shape, the series, refused data, bandwidth and the catalog."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from aftercare.telemetry.queries.reading import floored
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.tests.made import crowd
from tests.world import World

PARTS = ("live-headline", "live-split", "live-worst")


@pytest.fixture
def start(world: World) -> datetime:
    return floored(world.now - timedelta(minutes=20), 60)


def pages(world: World) -> list[str]:
    ref = world.show_app.ref
    return [f"/apps/{ref}{rest}" for rest in ("", "/series.json", "/shape", "/bandwidth", "/rejects", "/sessions")]


def test_it_works(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(crowd(world.show_app, start, 12, stall_ms=5000, province="广东", carrier="移动"))
    response = world.client("eng").get(f"/apps/{world.show_app.ref}")
    page = response.content.decode()
    assert response.status_code == 200
    assert "Rebuffering ratio by Province" in page
    assert "8.33" in page and "Breached" in page
    assert f"/apps/{world.show_app.ref}/sessions/s0" in page
    assert f"province={quote('广东')}" in page


@pytest.mark.parametrize("name", ["zhao", "viewer", "agent"])
def test_whoever_may_see_telemetry_reads_every_page(telemetry: Any, world: World, start: datetime, name: str) -> None:
    telemetry.add(crowd(world.show_app, start, 2))
    client = world.client(name)
    assert [client.get(url).status_code for url in pages(world)] == [200] * len(pages(world))


def test_strangers_find_nothing(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(crowd(world.show_app, start, 2))
    client = world.client("stranger")
    assert [client.get(url).status_code for url in pages(world)] == [404] * len(pages(world))
    assert world.show_app.name not in client.get("/apps").content.decode()
    assert world.client().get(f"/apps/{world.show_app.ref}").status_code == 302


@pytest.mark.parametrize("rows", [0, 1])
def test_no_data_and_little_data_are_said(telemetry: Any, world: World, start: datetime, rows: int) -> None:
    telemetry.add(crowd(world.show_app, start, rows, seconds=10)) if rows else None
    page = world.client("zhao").get(f"/apps/{world.show_app.ref}").content.decode()
    assert ("Nothing was reported in this time" in page) is (rows == 0)
    assert ("Too few" in page) is (rows == 1)
    assert "Healthy" not in page


@pytest.mark.parametrize("part", PARTS)
def test_a_part_alone_comes_for_htmx(telemetry: Any, world: World, start: datetime, part: str) -> None:
    telemetry.add(crowd(world.show_app, start, 2))
    headers = {"HX-Request": "true", "HX-Target": part}
    page = world.client("zhao").get(f"/apps/{world.show_app.ref}?metric=fps&by=os", headers=headers).content.decode()
    assert f'id="{part}"' in page
    assert "<html" not in page


def test_every_part_of_a_live_page_updates_by_itself(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(crowd(world.show_app, start, 2))
    page = world.client("zhao").get(f"/apps/{world.show_app.ref}").content.decode()
    assert page.count('data-refresh-s="5"') == 4 and "updates by itself" in page
    drawn = {"from": start.isoformat(), "to": world.now.isoformat()}
    fixed = world.client("zhao").get(f"/apps/{world.show_app.ref}", drawn).content.decode()
    assert "data-refresh-s" not in fixed and "updates by itself" not in fixed
    for part in PARTS:
        alone = world.client("zhao").get(
            f"/apps/{world.show_app.ref}", headers={"HX-Request": "true", "HX-Target": part}
        )
        assert 'data-refresh-s="5"' in alone.content.decode(), part


def test_a_silent_page_loads_anew_when_something_comes(telemetry: Any, world: World, start: datetime) -> None:
    url, headers = f"/apps/{world.show_app.ref}", {"HX-Request": "true", "HX-Target": "live-silent"}
    page = world.client("zhao").get(url).content.decode()
    assert 'id="live-silent" data-refresh-s="5"' in page
    still = world.client("zhao").get(url, headers=headers)
    assert 'id="live-silent"' in still.content.decode() and "HX-Refresh" not in still.headers
    telemetry.add(crowd(world.show_app, start, 2))
    assert world.client("zhao").get(url, headers=headers).headers["HX-Refresh"] == "true"
    assert "live-silent" not in world.client("zhao").get(url).content.decode()


def test_the_address_says_it_all(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(crowd(world.show_app, start, 3, province="广东", carrier="移动"))
    telemetry.add(crowd(world.show_app, start, 3, prefix="b", province="上海", carrier="电信"))
    at = {"from": start.isoformat(), "to": (start + timedelta(minutes=2)).isoformat()}  # a minute a step
    query = {**at, "metric": "concurrent", "by": "carrier", "province": "广东"}
    page = world.client("zhao").get(f"/apps/{world.show_app.ref}", query).content.decode()
    assert "移动" in page and "电信" not in page
    series = world.client("zhao").get(f"/apps/{world.show_app.ref}/series.json", query).json()
    assert len(series["times"]) == 2
    assert series["series"][0]["values"] == [pytest.approx(3 * 55 / 60), pytest.approx(3 * 5 / 60)]
    fine = world.client("zhao").get(f"/apps/{world.show_app.ref}/series.json", query | {"metric": "bitrate"}).json()
    assert len(fine["times"]) == 12 and None in fine["series"][0]["values"]


@pytest.mark.parametrize(
    "query",
    [
        "metric=nothing",
        "by=user",
        "by=customer",
        "range=1y",
        "from=yesterday",
        "from=2026-01-02&to=2026-01-01",
        "from=1000-01-01",
        "from=9999999999999",
    ],
)
def test_rejects_an_address_that_cannot_be_read(telemetry: Any, world: World, query: str) -> None:
    for path in ("", "/series.json"):
        response = world.client("zhao").get(f"/apps/{world.show_app.ref}{path}?{query}")
        assert response.status_code == 400
        assert "Traceback" not in response.content.decode()


@pytest.mark.parametrize("value", ["' OR 1=1 --", "<script>alert(1)</script>", "\\", "{app:UInt32}", "中'", "a\x1fb"])
def test_a_filter_value_stays_a_value(telemetry: Any, world: World, start: datetime, value: str) -> None:
    telemetry.add(crowd(world.social_app, start, 2))
    telemetry.add(crowd(world.show_app, start, 2))
    for query in ({"province": value}, {"province": value, "os": value}, {"device": value, "by": "carrier"}):
        response = world.client("zhao").get(f"/apps/{world.show_app.ref}", query)
        assert response.status_code == 200
        assert "<script>alert" not in response.content.decode()
        found = world.client("zhao").get(f"/apps/{world.show_app.ref}/sessions", query)
        assert found.status_code == 200 and "No session fits" in found.content.decode()


def test_the_list_shows_only_own_apps(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(crowd(world.show_app, start, 12))
    page = world.client("viewer").get("/apps").content.decode()
    assert world.show_app.name in page and world.social_app.name not in page
    staff = world.client("agent").get("/apps").content.decode()
    assert world.show_app.name in staff and world.social_app.name in staff
    assert "Nothing was reported in the last 24 hours" in staff


def test_simulated_apps_say_so(telemetry: Any, world: World) -> None:
    assert "made-up world" not in world.client("zhao").get(f"/apps/{world.show_app.ref}").content.decode()
    world.show_app.is_simulated = True
    world.show_app.save()
    assert "made-up world" in world.client("zhao").get(f"/apps/{world.show_app.ref}").content.decode()


def test_small_charts_have_their_numbers_as_a_table(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(crowd(world.show_app, start, 12, stall_ms=5000, province="广东"))
    query = {"from": start.isoformat(), "to": (start + timedelta(minutes=4)).isoformat(), "by": "province"}
    url = f"/apps/{world.show_app.ref}"
    assert "numbers=1#live-split" in world.client("zhao").get(url, query).content.decode()
    page = world.client("zhao").get(url, {**query, "numbers": "1"}).content.decode()
    table = page.split('id="live-split"')[1].split('class="table-tall"')[1].split("</table>")[0]
    assert table.count('scope="row"') == 24 and table.count("50.00") == 1 and "no data" in table
    assert "numbers=1" in page.split('class="ranges"')[1].split("</nav>")[0]


def test_refused_lines_are_told_to_their_sender_alone(telemetry: Any, world: World) -> None:
    telemetry.pool.command(
        "INSERT INTO rejects SELECT {customer:UInt32}, {app:UInt32}, now64(3), 'cmcd', 3, 'too old <b>', 'br=(1)'",
        {"customer": world.show.pk, "app": world.show_app.pk},
    )
    page = world.client("viewer").get(f"/apps/{world.show_app.ref}/rejects").content.decode()
    assert "too old &lt;b&gt;" in page and "br=(1)" in page
    other = world.client("stranger").get(f"/apps/{world.social_app.ref}/rejects").content.decode()
    assert "too old" not in other and "Nothing was refused" in other


def test_refused_lines_are_paged_and_narrowed(telemetry: Any, world: World) -> None:
    telemetry.pool.command(
        "INSERT INTO rejects SELECT {customer:UInt32}, {app:UInt32}, now64(3) - number, "
        "if(number % 2, 'cmcd', 'samples'), number, if(number < 60, 'too old', concat('odd one ', toString(number))), "
        "concat('line-', toString(number), '.') FROM numbers(130)",
        {"customer": world.show.pk, "app": world.show_app.pk},
    )
    url, client = f"/apps/{world.show_app.ref}/rejects", world.client("viewer")
    first, third = (client.get(url, {"page": page}).content.decode() for page in ("1", "3"))
    assert first.count("line-") == 50 and "line-0." in first and "130" in first
    assert third.count("line-") == 30 and "line-129." in third
    old = client.get(url, {"reason": "too old", "source": "cmcd"}).content.decode()
    assert old.count("line-") == 30 and "line-59." in old and "line-58." not in old
    assert client.get(url, {"reason": "too old", "page": "2"}).content.decode().count("line-") == 10
    assert "No line fits" in client.get(url, {"reason": "' OR 1=1 --"}).content.decode()


def test_the_catalog_names_every_metric_in_both_languages(world: World) -> None:
    page = world.client("viewer").get("/metrics").content.decode()
    assert all(f'id="{key}"' in page for key in METRICS)
    assert "stall time / (stall time + play time)" in page
    world.viewer.language = "zh-hans"
    world.viewer.save()
    chinese = world.client("viewer").get("/metrics").content.decode()
    assert all(metric.name_zh in chinese for metric in METRICS.values())
    assert "卡顿时长 ÷（卡顿时长 + 播放时长）" in chinese
    assert world.client().get("/metrics").status_code == 302
