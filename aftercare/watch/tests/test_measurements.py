"""Rules about measurements: asked together, tenants apart, resets, points sent twice, no data, the form."""

import math
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from aftercare.accounts.models import App
from aftercare.telemetry.schema.measured import measurement_of
from aftercare.watch.actions import create_monitor
from aftercare.watch.engine.questions import by_question
from aftercare.watch.models import Alert, Comparison, Kind, Monitor, NoData
from aftercare.watch.tests.watching import Stage, alerts, status
from aftercare.watch.types import MonitorFacts
from aftercare.watch.words import usual_words
from tests.measuring import DELTA, Door
from tests.world import World

FORM = {
    "measurement": "edge.sent",
    "reading": "rate",
    "comparison": "above",
    "threshold": "5000000",
    "severity": "red",
    "window_s": "120",
    "min_volume": "",
    "fire_after": "1",
    "resolve_after": "3",
    "kind": "threshold",
    "sensitivity": "normal",
    "no_data": "keep",
    "enabled": "on",
    "dimension1": "host",
    "value1": "edge-1",
}
NEW = "/monitors/new?about=measurement"


def watch(stage: Stage, app: App, metric: str, threshold: float, **more: Any) -> Monitor:
    return stage.monitor(app, metric=metric, threshold=threshold, window_s=120, **more)


def gauge(door: Door, stage: Stage, app: App, name: str, value: float, ago_s: float = 10, **labels: str) -> None:
    door.gauge(app, name, [(labels, value, stage.now - timedelta(seconds=ago_s))])


def count(door: Door, stage: Stage, app: App, name: str, values: list[float], every_s: int = 30, **labels: str) -> None:
    """A counter's points, the last one now."""
    first = stage.now - timedelta(seconds=every_s * (len(values) - 1))
    door.counter(app, name, [(labels, v, first + timedelta(seconds=every_s * n)) for n, v in enumerate(values)], "By")


@pytest.mark.parametrize(("reading", "is_over"), [("mean", True), ("max", True), ("min", False), ("sum", True)])
def test_a_gauge_is_watched_each_way(door: Door, stage: Stage, world: World, reading: str, is_over: bool) -> None:
    monitor = watch(stage, world.show_app, f"{reading}(queue)", 50)
    for host, value in (("a", 10), ("b", 100)):
        gauge(door, stage, world.show_app, "queue", value, host=host)
    stage.tick()
    assert status(monitor) == ("firing" if is_over else "ok")
    expected = {"mean": 55, "max": 100, "sum": 110}
    assert [alert.first_value for alert in alerts(monitor)] == ([expected[reading]] if is_over else [])


def test_a_rate_fires_names_itself_and_recovers(door: Door, stage: Stage, world: World, told: list[Any]) -> None:
    monitor = watch(stage, world.show_app, "rate(sent)", 15, filters={"host": "a"}, unit="By/s")
    count(door, stage, world.show_app, "sent", [0, 600, 1200, 1800, 2400], host="a")
    count(door, stage, world.show_app, "sent", [0, 9e9, 9e9, 9e9, 9e9], host="b")
    stage.tick()
    (alert,) = alerts(monitor)
    assert alert.first_value == pytest.approx(20) and alert.metric == "rate(sent)"
    page = world.client("eng").get(reverse("watch:alerts")).content.decode()
    assert "sent (per second) above 15\u00a0B/s" in page and "host = a" in page and "20.0" in page
    stage.now += timedelta(minutes=10)
    count(door, stage, world.show_app, "sent", [2400, 2700, 3000, 3300, 3600], host="a")
    stage.tick(3)
    assert status(monitor) == "ok" and len(told) == 2


def test_a_counter_that_began_anew_is_no_flood_and_no_fall(door: Door, stage: Stage, world: World) -> None:
    above = watch(stage, world.show_app, "rate(sent)", 11)
    below = watch(stage, world.show_app, "rate(sent)", 5, comparison=Comparison.BELOW)
    count(door, stage, world.show_app, "sent", [1e9, 1e9 + 300, 1e9 + 600, 300, 600])
    stage.tick()
    assert (status(above), status(below)) == ("ok", "ok")


def test_a_point_sent_twice_counts_once(door: Door, stage: Stage, world: World) -> None:
    stage.tick()
    stage.now += timedelta(minutes=3)  # soon after a start little volume may be our own absence
    at = stage.now - timedelta(seconds=10)
    for _ in range(3):
        door.gauge(world.show_app, "rooms", [({}, 10.0, at)])
        door.counter(world.show_app, "came", [({}, 60.0, at - timedelta(seconds=60)), ({}, 60.0, at)], "", DELTA)
        door.histogram(world.show_app, "took", [({}, at, [0.1, 1.0], [90, 10, 0])], "s", DELTA)
    over = [
        watch(stage, world.show_app, "sum(rooms)", 10.5),
        watch(stage, world.show_app, "rate(came)", 1.1),
        watch(stage, world.show_app, "p95(took)", 0.6),
        watch(stage, world.show_app, "sum(rooms)", 5, min_volume=2.0),
    ]
    stage.tick()
    assert [status(monitor) for monitor in over] == ["ok", "ok", "ok", "low_volume"]
    assert status(watch(stage, world.show_app, "p95(took)", 0.4)) == "new"
    stage.tick()
    assert [alert.first_value for alert in Alert.objects.all()] == [pytest.approx(0.55)]


def test_no_data_is_no_data(door: Door, stage: Stage, world: World) -> None:
    kept = watch(stage, world.show_app, "mean(quiet)", 5, no_data=NoData.KEEP)
    fired = watch(stage, world.show_app, "mean(quiet)", 5, no_data=NoData.FIRE)
    gauge(door, stage, world.show_app, "quiet", 9)
    stage.tick()
    assert (status(kept), status(fired)) == ("firing", "firing")
    stage.now += timedelta(minutes=10)
    stage.tick(8)
    assert (status(kept), status(fired)) == ("firing_blind", "firing")
    lone = watch(stage, world.show_app, "rate(quiet)", 0, comparison=Comparison.BELOW)
    stage.tick()
    assert status(lone) == "no_data" and not alerts(lone)


def test_one_customer_never_sets_off_anothers_rule(door: Door, stage: Stage, world: World) -> None:
    ours = watch(stage, world.show_app, "max(load)", 50)
    theirs = watch(stage, world.social_app, "max(load)", 50)
    every = create_monitor(
        app=world.social, facts=MonitorFacts("max(load)", "above", 50.0, fire_after=1), actor=None, now=stage.now
    )
    gauge(door, stage, world.show_app, "load", 99)
    gauge(door, stage, world.social_app, "load", 1)
    stage.tick()
    assert [status(monitor) for monitor in (ours, theirs, every)] == ["firing", "ok", "ok"]


def test_rules_of_all_customers_are_asked_in_one_query(door: Door, stage: Stage, world: World) -> None:
    for app in (world.show_app, world.social_app):
        for n in range(20):
            watch(stage, app, f"rate(name.{n})", n, filters={"host": f"h{n}"})
    stage.tick()
    assert len(by_question(stage.evaluator._plan.memories.values())) == 1


def test_is_made_changed_and_shown_over_http(door: Door, stage: Stage, world: World) -> None:
    stage.now = world.now
    count(door, stage, world.show_app, "edge.sent", [0, 3e8, 6e8, 9e8, 12e8], host="edge-1")
    client = world.client("eng")
    chart = client.get(f"/apps/{world.show_app.ref}/measurements/edge.sent?label.host=edge-1").content.decode()
    assert "about=measurement" in chart and "measurement=edge.sent" in chart and "value1=edge-1" in chart
    form = client.get(f"{NEW}&app={world.show_app.ref}&measurement=edge.sent&read=rate&dimension1=host&value1=edge-1")
    assert 'value="edge.sent"' in form.content.decode() and 'value="edge-1"' in form.content.decode()
    assert client.post(NEW, {**FORM, "app": world.show_app.ref}).status_code == 302
    monitor = Monitor.objects.get(metric="rate(edge.sent)")
    assert (monitor.unit, monitor.filters) == ("By/s", {"host": "edge-1"})
    page = client.get(reverse("watch:monitor", args=[monitor.ref])).content.decode()
    assert "edge.sent (per second) above 5\u00a0MB/s" in page and "10.0" in page
    assert f"/apps/{world.show_app.ref}/measurements/edge.sent?read=rate&amp;label.host=edge-1" in page
    series = client.get(reverse("watch:series", args=[monitor.ref])).json()
    assert series["unit"] == "MB/s" and series["thresholds"][0]["value"] == 5 and series["series"][0]["values"][-1]
    changed = {**FORM, "reading": "max", "measurement": "edge.queue", "dimension1": "", "value1": ""}
    assert client.post(reverse("watch:monitor", args=[monitor.ref]), changed).status_code == 302
    monitor.refresh_from_db()
    assert (monitor.metric, monitor.filters) == ("max(edge.queue)", {})
    assert "edge.queue" in client.get(reverse("watch:monitors") + "?q=EDGE.Q").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"measurement": ""},
        {"measurement": "x" * 201},
        {"reading": "p42"},
        {"threshold": "nan"},
        {"window_s": "5"},
        {"value1": ""},
        {"dimension2": "host", "value2": "edge-2"},
        {"app": "not-mine"},
    ],
)
def test_rejects_what_makes_no_sense(stage: Stage, world: World, wrong: dict[str, str]) -> None:
    response = world.client("eng").post(NEW, {**FORM, "app": world.show_app.ref, **wrong})
    assert response.status_code == 400 and not Monitor.objects.exists()


def test_only_those_who_may_make_one_for_their_own_apps(stage: Stage, world: World) -> None:
    assert world.client("viewer").post(NEW, {**FORM, "app": world.show_app.ref}).status_code == 403
    assert world.client("stranger").post(NEW, {**FORM, "app": world.show_app.ref}).status_code in (400, 403)
    assert not Monitor.objects.exists()


def test_speaks_chinese(door: Door, stage: Stage, world: World) -> None:
    world.zhao.language = "zh-hans"
    world.zhao.save()
    monitor = watch(stage, world.show_app, "rate(sent)", 15, filters={"host": "a"}, unit="By/s")
    client = world.client("zhao")
    page = client.get(reverse("watch:monitor", args=[monitor.ref])).content.decode()
    assert "sent（每秒）高于 15\u00a0B/s" in page and "1 个点" in page
    assert "发送方自己的单位" in client.get(NEW).content.decode()


@pytest.mark.parametrize("key", ["rate(a)", "p95(x(y))", "sum())"])
def test_a_measurements_key_says_it_all(key: str) -> None:
    found = measurement_of(key)
    assert found is not None and found.key == key


@pytest.mark.parametrize("key", ["rebuffering_ratio", "rate", "rate()", "p42(x)", "(x)", "rate(x"])
def test_other_keys_are_no_measurements(key: str) -> None:
    assert measurement_of(key) is None


def test_what_is_new_for_a_measurement_opens_an_alert(door: Door, stage: Stage, world: World) -> None:
    """A queue that swings between 40 and 60 for hours, then holds 400; no limit was ever set."""
    unusual = {"kind": Kind.ANOMALY, "metric": "mean(queue)", "threshold": None, "window_s": 60, "fire_after": 1}
    monitor = stage.monitor(world.show_app, **unusual)
    points = [({}, 50 + 10 * math.sin(n / 7), stage.now - timedelta(minutes=n, seconds=30)) for n in range(2, 240)]
    door.gauge(world.show_app, "queue", points[::-1])
    door.gauge(world.show_app, "queue", [({}, 55.0, stage.now - timedelta(seconds=30))])
    stage.tick(3)
    assert status(monitor) == "ok"
    stage.now += timedelta(minutes=1)
    door.gauge(world.show_app, "queue", [({}, 400.0, stage.now - timedelta(seconds=30))])
    stage.tick(3)
    (alert,) = alerts(monitor)
    assert alert.first_value == 400 and alert.kind == Kind.ANOMALY
    assert 58 < alert.threshold < 60.1
    assert usual_words(alert).startswith("usual since it began to report is 40")


def test_a_measurement_that_nobody_knows_yet_is_learned(door: Door, stage: Stage, world: World) -> None:
    unusual = {"kind": Kind.ANOMALY, "metric": "mean(queue)", "threshold": None, "window_s": 60, "fire_after": 1}
    monitor = stage.monitor(world.show_app, **unusual)
    stage.tick()
    stage.now += timedelta(minutes=2)
    for ago_s in (150, 90, 30):
        gauge(door, stage, world.show_app, "queue", 400.0, ago_s=ago_s)
    stage.tick(3)
    assert status(monitor) == "learning"
    assert alerts(monitor) == []
