"""Calls by region pair: each counts once, whoever reports what, in whatever order."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from aftercare.telemetry.queries import split
from aftercare.telemetry.queries.reading import floored
from aftercare.telemetry.tests.made import row
from tests.world import World

MINUTE = timedelta(minutes=1)
NEAR, FAR = "广东 - 广东", "广东 - 新加坡"


@pytest.fixture
def start(world: World) -> datetime:
    return floored(world.now - timedelta(minutes=20), 60)


def leg(world: World, at: datetime, call: int, role: str, pair: str, event: str, ms: int = 0) -> dict[str, Any]:
    """What one leg of a call tells at its end."""
    facts = {"call": f"c{call}", "role": role, "region_pair": pair}
    return row(world.social_app, f"c{call}-{role}", at, event=event, elapsed_ms=ms, **facts)


def calls(world: World, at: datetime) -> list[dict[str, Any]]:
    """Thirty near calls of 200 to 780 ms, two of which fail; thirty far ones of 900 ms whose callees say nothing."""
    made = []
    for number in range(30):
        ended = ("call_failed", 0) if number in (7, 20) else ("call_connected", 200 + 20 * number)
        made.append(leg(world, at, number, "caller", NEAR, *ended))
        made.append(leg(world, at, number, "callee", NEAR, ended[0], 90))
        made.append(leg(world, at, 100 + number, "caller", FAR, "call_connected", 900))
    # One leg that believes in a connection its caller did not see.
    made.append(leg(world, at, 7, "callee", NEAR, "call_connected", 90))
    return made


def by_pair(world: World, metric: str, start: datetime) -> dict[str, Any]:
    rows = split(world.social_app, metric, "region_pair", start, start + MINUTE, now=world.now)
    return {row.value: row.metric_value for row in rows}


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_each_call_counts_once_by_its_caller(telemetry: Any, world: World, start: datetime, backwards: bool) -> None:
    rows = calls(world, start)
    for part in (rows[::-1], rows[:0]) if backwards else (rows[::2], rows[1::2]):
        telemetry.add(part)
    assert by_pair(world, "call_connect", start) == {NEAR: pytest.approx(100 * 28 / 30), FAR: 100}
    assert by_pair(world, "call_connect_best", start) == pytest.approx({NEAR: 200, FAR: 900}, rel=0.025)
    assert by_pair(world, "call_connect_p50", start) == pytest.approx({NEAR: 480, FAR: 900}, rel=0.03)
    assert by_pair(world, "call_connect_p95", start) == pytest.approx({NEAR: 760, FAR: 900}, rel=0.03)
    assert by_pair(world, "call_connect_600", start) == {NEAR: pytest.approx(100 * 19 / 28), FAR: 0}
    assert by_pair(world, "callee_connect", start) == {NEAR: pytest.approx(100 * 29 / 31), FAR: None}


def test_the_page_splits_calls_by_region_pair(telemetry: Any, world: World, start: datetime) -> None:
    telemetry.add(calls(world, start))
    url = f"/apps/{world.social_app.ref}?metric=call_connect_600&by=region_pair"
    page = world.client("eng").get(url).content.decode()
    assert NEAR in page and FAR in page and "67.86" in page
