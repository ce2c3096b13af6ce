"""An alert says which node it comes from where the figures prove it, and opens on time where they cannot."""

import threading

import pytest

from aftercare.accounts.models import App
from aftercare.telemetry.models import Resource, ResourceServes
from aftercare.watch.engine import locating
from aftercare.watch.models import Alert, Comparison, Monitor

EDGES = ("sh-edge-1", "sh-edge-2", "bj-edge-1")


@pytest.fixture
def edges(stage):
    """Two edges in Shanghai and one in Beijing, on the map."""
    regions = {name: Resource.objects.create(kind="region", name=name) for name in ("shanghai", "beijing")}
    parents = dict(zip(EDGES, ("shanghai", "shanghai", "beijing"), strict=True))
    made = {name: Resource.objects.create(kind="edge", name=name, parent=regions[parents[name]]) for name in EDGES}
    return {**regions, **made}


def play(stage, app, bad=(), *, names=EDGES, sessions=20, **facts):
    """Viewers on each edge; those on bad ones stall half of the time."""
    for name in names:
        stalled = 0.5 if name in bad else 0.0
        stage.play(app, stalled=stalled, sessions=sessions, edge=name, **facts)


def opened(stage):
    stage.tick()
    return Alert.objects.get()


def test_the_edge_that_stalls_is_the_cause_with_the_figures_that_prove_it(stage, told, world, edges):
    stage.monitor(world.show_app)
    play(stage, world.show_app, bad=["sh-edge-1"])
    alert = opened(stage)
    assert alert.cause == edges["sh-edge-1"]
    assert alert.located["inside"] == {"value": 50.0, "volume": 1_200_000.0}
    assert alert.located["outside"] == {"value": 0.0, "volume": 2_400_000.0}
    assert alert.located["together"] == [1, 1]


def test_two_edges_of_one_region_that_stall_mean_the_region(stage, told, world, edges):
    stage.monitor(world.show_app)
    play(stage, world.show_app, bad=["sh-edge-1", "sh-edge-2"])
    assert opened(stage).cause == edges["shanghai"]


def test_what_stalls_everywhere_has_no_cause_and_says_so(stage, told, world, edges):
    stage.monitor(world.show_app)
    play(stage, world.show_app, bad=EDGES)
    alert = opened(stage)
    assert (alert.cause, alert.located) == (None, {"spread": True})


def test_an_edge_that_is_not_on_the_map_is_no_cause(stage, told, world, edges):
    stage.monitor(world.show_app)
    play(stage, world.show_app, bad=["forged"], names=(*EDGES, "forged"))
    alert = opened(stage)
    assert alert.cause is None and "inside" not in alert.located


def test_too_little_on_the_edge_is_no_proof(stage, told, world, edges):
    stage.monitor(world.show_app, threshold=0.01, min_volume=1)
    play(stage, world.show_app, names=EDGES[1:])
    stage.play(world.show_app, stalled=0.02, sessions=1, edge="sh-edge-1", interval_ms=10_000, play_ms=9_000)
    assert opened(stage).cause is None


def test_an_app_on_one_edge_alone_follows_the_figures_of_others(stage, told, world, edges):
    for app in (world.show_app, world.social_app):
        stage.monitor(app)
    play(stage, world.show_app, bad=["sh-edge-1"])
    play(stage, world.social_app, bad=["sh-edge-1"], names=["sh-edge-1"])
    stage.tick()
    assert {alert.cause for alert in Alert.objects.all()} == {edges["sh-edge-1"]}
    located = Alert.objects.get(app=world.social_app).located
    assert located == {"together": [2, 2], "inside": {"value": 50.0, "volume": 1_200_000.0}}


def test_an_app_on_one_edge_alone_proves_nothing_by_itself(stage, told, world, edges):
    stage.monitor(world.social_app)
    play(stage, world.social_app, bad=["sh-edge-1"], names=["sh-edge-1"])
    assert opened(stage).cause is None


def test_a_rule_with_a_filter_is_located_within_it(stage, told, world, edges):
    stage.monitor(world.show_app, filters={"province": "Shanghai"})
    play(stage, world.show_app, bad=["sh-edge-1"], province="Shanghai")
    play(stage, world.show_app, bad=EDGES, province="Zhejiang")
    alert = opened(stage)
    assert alert.cause == edges["sh-edge-1"]
    assert alert.located["outside"]["volume"] == 2_400_000.0


def test_a_rule_about_all_apps_is_located_over_all_of_them(stage, told, world, edges):
    stage.monitor(world.show_app)
    Monitor.objects.update(app=None)
    second = App.objects.create(customer=world.show, name="Second", scenario="show_live", created_at=world.now)
    play(stage, world.show_app, bad=["sh-edge-1"])
    play(stage, second, bad=["sh-edge-1"])
    alert = opened(stage)
    assert (alert.app, alert.cause, alert.located["inside"]["volume"]) == (None, edges["sh-edge-1"], 2_400_000.0)


def test_a_rule_about_one_edge_needs_no_search(stage, told, world, edges, monkeypatch):
    monkeypatch.setattr(locating, "ask_nodes", lambda *asked: pytest.fail("asked"))
    ResourceServes.objects.create(resource=edges["sh-edge-1"], customer=world.show, source="learnt")
    stage.monitor(world.show_app, filters={"edge": "sh-edge-1"})
    play(stage, world.show_app, bad=["sh-edge-1"])
    assert opened(stage).cause == edges["sh-edge-1"]


def test_users_cannot_be_taken_from_each_other_and_are_not_searched_for(stage, told, world, edges, monkeypatch):
    monkeypatch.setattr(locating, "ask_nodes", lambda *asked: pytest.fail("asked"))
    users = {"metric": "users", "comparison": Comparison.BELOW, "threshold": 1e6, "min_volume": 1}
    stage.monitor(world.show_app, **users)
    play(stage, world.show_app, bad=["sh-edge-1"], user="one")
    assert opened(stage).cause is None


def test_a_query_that_fails_costs_no_alert(stage, told, world, edges, monkeypatch):
    def broken(*asked):
        raise RuntimeError("telemetry is away")

    monkeypatch.setattr(locating, "ask_nodes", broken)
    stage.monitor(world.show_app)
    play(stage, world.show_app, bad=["sh-edge-1"])
    alert = opened(stage)
    assert (alert.cause, len(told)) == (None, 1)


def test_a_map_that_cannot_be_read_costs_no_alert(stage, told, world, edges, monkeypatch):
    def broken():
        raise RuntimeError("no map")

    monkeypatch.setattr(locating, "read_map", broken)
    stage.monitor(world.show_app)
    play(stage, world.show_app, bad=["sh-edge-1"])
    assert opened(stage).cause is None


def test_a_query_that_hangs_holds_up_neither_this_alert_nor_the_next(stage, told, world, edges, monkeypatch):
    over, asked = threading.Event(), []

    def hanging(*question):
        asked.append(question)
        over.wait(20)
        return {}

    monkeypatch.setattr(locating, "ask_nodes", hanging)
    monkeypatch.setattr(locating, "BUDGET_S", 0.05)
    stage.monitor(world.show_app)
    play(stage, world.show_app, bad=["sh-edge-1"])
    assert opened(stage).cause is None
    stage.monitor(world.social_app)
    play(stage, world.social_app, bad=["sh-edge-1"])
    stage.tick()
    over.set()
    assert (Alert.objects.count(), len(asked)) == (2, 1)
