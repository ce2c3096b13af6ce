"""The pages of measurements: the list, one measurement's chart, labels, split, and what is not known."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from aftercare.ingest.points.recognised import READINGS
from aftercare.telemetry.queries.measurements import charts
from aftercare.telemetry.schema.measured import CATALOG
from tests.measuring import DELTA, Door
from tests.world import World

LISTED = "/apps/{}/measurements"


@pytest.fixture
def start(world: World) -> datetime:
    return world.now.replace(second=0, microsecond=0) - timedelta(minutes=10)


def every_minute(start: datetime, values: list[float], **labels: str) -> list[tuple[dict[str, str], float, datetime]]:
    return [(labels, value, start + timedelta(minutes=n)) for n, value in enumerate(values)]


def get(world: World, path: str, query: dict[str, str] | None = None, who: str = "zhao") -> Any:
    return world.client(who).get(f"/apps/{world.show_app.ref}/measurements{path}", query or {})


def chart(page: str) -> dict[str, Any]:
    (told,) = re.findall(r'<script type="application/json">(.*?)</script>', page, re.S)
    data: dict[str, Any] = json.loads(told)
    return data


def known(page: str) -> list[float]:
    return [value for value in chart(page)["series"][0]["values"] if value is not None]


def test_it_works(door: Door, world: World, start: datetime) -> None:
    points = every_minute(start, [1e6 * n for n in range(1, 6)], host="edge-1")
    door.counter(world.show_app, "edge.sent", points, "By")
    door.remote_write(world.show_app, [({"__name__": "node_load1", "job": "node"}, [(0.5, start)])])
    page = get(world, "").content.decode()
    assert "edge.sent" in page and "node_load1" in page and ">B<" in page and "10 min ago" in page
    page = get(world, "/edge.sent", {"range": "15m"}).content.decode()
    assert chart(page)["unit"] == "kB/s" and known(page) == [pytest.approx(1000 / 60)] * 4
    assert "edge-1" in page and "1 series" in page


@pytest.mark.parametrize("name", ["stranger", "zhao", "agent"])
def test_strangers_find_nothing(door: Door, world: World, start: datetime, name: str) -> None:
    door.gauge(world.show_app, "rooms", every_minute(start, [1, 2]))
    expected = 404 if name == "stranger" else 200
    assert get(world, "", who=name).status_code == expected
    assert get(world, "/rooms", who=name).status_code == expected
    assert world.client().get(f"/apps/{world.show_app.ref}/measurements").status_code == 302


def test_one_customers_points_are_never_in_anothers_chart(door: Door, world: World, start: datetime) -> None:
    door.gauge(world.show_app, "rooms", every_minute(start, [5, 5], host="ours"))
    door.gauge(world.social_app, "rooms", every_minute(start, [900, 900], host="theirs-host"))
    door.gauge(world.social_app, "theirs.only", every_minute(start, [1]))
    page = get(world, "/rooms", {"read": "sum", "by": "host"}).content.decode()
    assert set(known(page)) == {5} and "theirs-host" not in page
    assert "theirs.only" not in get(world, "").content.decode()
    assert "Nothing was told" in get(world, "/theirs.only").content.decode()


def test_zero_is_drawn_and_unknown_is_said(door: Door, world: World, start: datetime) -> None:
    door.gauge(world.show_app, "queue", every_minute(start, [0, 0]))
    door.counter(world.show_app, "once.total", every_minute(start, [7]))
    page = get(world, "/queue").content.decode()
    assert known(page) == [0, 0] and "Nothing was told" not in page
    assert chart(page)["series"][0]["values"].count(None) > 50
    for path in ("/once.total", "/never.told"):
        assert "That is unknown, not zero" in get(world, path).content.decode()
    assert "No measurements yet" in world.client("stranger").get(LISTED.format(world.social_app.ref)).content.decode()


def test_narrows_and_splits_by_labels(door: Door, world: World, start: datetime) -> None:
    for number in range(25):
        door.gauge(world.show_app, "load", every_minute(start, [number], host=f"h{number}", zone=f"z{number % 2}"))
    page = get(world, "/load", {"by": "host"}).content.decode()
    table = page.split('class="table table-stack split"')[1].split("</table>")[0]
    assert table.count("<tr>") == 21 and "and 5 smaller values" in page
    assert table.index("h24") < table.index("h23") and ">h4<" not in table
    narrowed = get(world, "/load", {"label.zone": "z1", "label.host": "h7", "read": "max"}).content.decode()
    assert known(narrowed) == [7] and narrowed.count('class="chip"') == 2
    assert "Nothing was told" in get(world, "/load", {"label.zone": "' OR 1=1 --"}).content.decode()


def test_a_form_narrows_by_any_value(door: Door, world: World, start: datetime) -> None:
    door.gauge(world.show_app, "load", every_minute(start, [3], host="/h&7", zone="z1"))
    sent = get(world, "/load", {"narrow": "host", "value": " /h&7 ", "label.zone": "z1", "range": "6h", "by": "host"})
    assert (sent.status_code, sent["Location"]) == (
        302,
        f"/apps/{world.show_app.ref}/measurements/load?range=6h&label.zone=z1&label.host=%2Fh%267",
    )
    assert known(world.client("zhao").get(sent["Location"]).content.decode()) == [3]
    assert get(world, "/load", {"narrow": "host", "value": "x"}, who="stranger").status_code == 404


def test_a_label_with_very_many_values_gets_a_sentence(door: Door, world: World, start: datetime) -> None:
    door.gauge(world.show_app, "by.user", [({"user": f"u{n}"}, 1.0, start) for n in range(1001)])
    page = get(world, "/by.user", {"by": "user"})
    assert page.status_code == 200
    assert "user has too many values to be split by" in page.content.decode()
    assert "1,001" in page.content.decode() and "too many to split by" in page.content.decode()


def test_too_much_to_read_is_said(door: Door, world: World, start: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    door.gauge(world.show_app, "load", [({"host": str(n)}, 1.0, start) for n in range(2000)])
    monkeypatch.setattr(charts, "LIMITS", {"max_memory_usage": 100_000})
    page = get(world, "/load")
    assert page.status_code == 200 and "There is too much of this to draw" in page.content.decode()


def test_histograms_have_quantiles_and_a_rate(door: Door, world: World, start: datetime) -> None:
    told = [({}, start + timedelta(minutes=n), [0.1, 0.2], [0, 60, 0]) for n in range(3)]
    door.histogram(world.show_app, "took", told, "s", DELTA)
    rate = get(world, "/took").content.decode()
    assert known(rate) == [pytest.approx(1)] * 3 and chart(rate)["unit"] == "/s"
    p95 = get(world, "/took", {"read": "p95"}).content.decode()
    assert known(p95) == [pytest.approx(195)] * 3 and chart(p95)["unit"] == "ms"


@pytest.mark.parametrize(
    "query",
    [
        {"read": "p95"},
        {"kind": "counter"},
        {"by": "nothing"},
        {"range": "1y"},
        {"from": "yesterday"},
        {f"label.{n}": "x" for n in map(str, range(11))},
    ],
)
def test_rejects_an_address_that_makes_no_sense(
    door: Door, world: World, start: datetime, query: dict[str, str]
) -> None:
    door.gauge(world.show_app, "rooms", every_minute(start, [1]))
    response = get(world, "/rooms", query)
    assert response.status_code == 400 and "Traceback" not in response.content.decode()


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "a/b/../c", "x' OR 1=1 --", "{app:UInt32}", "中文 %41?#"]
)
def test_a_name_stays_a_name(door: Door, world: World, start: datetime, name: str) -> None:
    door.gauge(world.show_app, name, every_minute(start, [3], odd="</script><script>alert(2)"))
    page = get(world, "").content.decode()
    (link,) = re.findall(r'href="([^"]+)\?kind=gauge"', page)
    shown = world.client("zhao").get(link.replace("&#x27;", "'").replace("&amp;", "&"))
    assert shown.status_code == 200 and known(shown.content.decode()) == [3]
    assert "<script>alert" not in page + shown.content.decode()


def test_the_list_is_searched_and_paged(door: Door, world: World, start: datetime) -> None:
    door.remote_write(world.show_app, [({"__name__": f"m_{n:03}"}, [(1.0, start)]) for n in range(60)])
    first, second = (get(world, "", {"page": page}).content.decode() for page in ("1", "2"))
    assert first.count('scope="row"') == 50 and second.count('scope="row"') == 10 and "m_059" in second
    assert get(world, "", {"q": "M_05"}).content.decode().count('scope="row"') == 10
    assert "No measurement has this in its name" in get(world, "", {"q": "%"}).content.decode()


def test_recognised_names_lead_to_the_catalog(door: Door, world: World, start: datetime) -> None:
    assert set(CATALOG) == set(READINGS)
    door.counter(world.show_app, "system.cpu.time", every_minute(start, [1, 2], state="user"), "s")
    assert '/metrics#server_cpu"' in get(world, "").content.decode()
    assert "metric=server_cpu" in get(world, "/system.cpu.time").content.decode()


def test_speaks_chinese(door: Door, world: World, start: datetime) -> None:
    world.zhao.language = "zh-hans"
    world.zhao.save()
    door.counter(world.show_app, "http.requests", every_minute(start, [1, 61], route="/a"), "{request}")
    page = get(world, "/http.requests").content.decode()
    assert chart(page)["unit"] == "请求/s" and "测量项" in page and "Counter" not in page
