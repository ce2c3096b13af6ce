"""Tighter rules begin and end with the event, whatever happens meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aftercare.incidents.assurance.engine import switch_due
from aftercare.incidents.assurance.planning import call_off, change_plan
from aftercare.incidents.assurance.switching import end_now
from aftercare.incidents.assurance.tightening import Tighter, add_rules, tightened
from aftercare.incidents.models import Assurance
from aftercare.incidents.tests.gala import DAY, HOUR, MINUTE, make_gala, plan, tight, with_rules
from aftercare.kernel.errors import Refused
from aftercare.watch.actions import create_monitor, delete_monitor, edit_monitor
from aftercare.watch.models import Alert, Monitor
from aftercare.watch.types import MonitorFacts, facts_of
from tests.world import World


def test_rules_hold_from_the_first_second_to_the_last(world: World) -> None:
    gala = make_gala(world)
    usual = with_rules(world, gala)
    before = [facts_of(one) for one in usual]
    assert switch_due(gala.starts_at - timedelta(seconds=1)) == 0
    assert tight(gala) == 0
    assert switch_due(gala.starts_at) == 1
    assert tight(gala) == len(usual) > 3
    assert switch_due(gala.starts_at + HOUR) == 0
    assert switch_due(gala.ends_at - timedelta(seconds=1)) == 0
    assert switch_due(gala.ends_at) == 1
    assert tight(gala) == 0
    assert [facts_of(Monitor.objects.get(pk=one.pk)) for one in usual] == before
    gala.refresh_from_db()
    assert (gala.state, gala.started_at, gala.ended_at) == ("closed", gala.starts_at, gala.ends_at)


@pytest.mark.parametrize(
    ("facts", "threshold"),
    [
        (MonitorFacts("rebuffering_ratio", "above", 5.0), 3.5),
        (MonitorFacts("join_success", "below", 98.0), 98.6),
        (MonitorFacts("concurrent", "below", 1000.0), 1300.0),
    ],
)
def test_tighter_is_nearer_to_perfect(facts: MonitorFacts, threshold: float) -> None:
    assert tightened(facts, Tighter(30)).threshold == pytest.approx(threshold)


def test_what_a_person_changed_meanwhile_stays(world: World) -> None:
    gala = make_gala(world)
    first, *_rest = with_rules(world, gala)
    switch_due(gala.starts_at)
    changed = replace(facts_of(first), window_s=120)
    edit_monitor(monitor=first, facts=changed, actor=world.eng, now=gala.starts_at + MINUTE)
    switch_due(gala.ends_at)
    assert facts_of(Monitor.objects.get(pk=first.pk)) == changed


def test_an_events_rule_is_not_changed_by_hand(world: World) -> None:
    gala = make_gala(world)
    with_rules(world, gala)
    switch_due(gala.starts_at)
    rule = Monitor.objects.filter(kept_by=gala.path).first()
    assert rule is not None
    for client in (world.client("eng"), world.client("zhao")):
        page = client.get(f"/monitors/{rule.ref}").content.decode()
        assert gala.path in page and f"/monitors/{rule.ref}/deletion" not in page
        assert client.post(f"/monitors/{rule.ref}/deletion").status_code == 400
    with pytest.raises(Refused, match="belongs to an event"):
        edit_monitor(monitor=rule, facts=facts_of(rule), actor=world.ada, now=world.now)
    with pytest.raises(Refused, match="belongs to an event"):
        delete_monitor(monitor=rule, kept_by="/assurance/another", actor=world.ada, now=world.now)
    assert tight(gala) > 0


def test_a_rule_that_is_refused_holds_up_no_other(world: World) -> None:
    gala = make_gala(world)
    with_rules(world, gala)
    rule = gala.rules.first()
    assert rule is not None
    rule.facts["metric"] = "gone"
    rule.save()
    switch_due(gala.starts_at)
    rule.refresh_from_db()
    assert "no metric" in rule.refusal
    assert tight(gala) == gala.rules.count() - 1
    assert gala.entries.filter(kind="refused").count() == 1
    assert "not set" in world.client("eng").get(gala.path).content.decode()


def test_an_engine_that_stood_still_over_all_of_it_tightens_nothing(world: World) -> None:
    gala = make_gala(world)
    with_rules(world, gala)
    assert switch_due(gala.ends_at + 5 * HOUR) == 1
    assert not Monitor.objects.filter(kept_by=gala.path).exists()
    gala.refresh_from_db()
    assert (gala.state, gala.started_at) == ("closed", None)
    assert gala.entries.filter(kind="missed").exists()
    assert "never began here" in world.client("eng").get(gala.path).content.decode()


def test_a_clock_that_jumps_back_loosens_nothing_early_and_begins_nothing_twice(world: World) -> None:
    gala = make_gala(world)
    rules = len(with_rules(world, gala))
    switch_due(gala.starts_at)
    for at in (gala.starts_at - DAY, gala.starts_at):
        assert switch_due(at) == 0
    assert tight(gala) == rules
    switch_due(gala.ends_at + 40 * DAY)
    assert tight(gala) == 0


def test_called_off_while_it_runs_it_loosens_at_once(world: World) -> None:
    gala = make_gala(world)
    with_rules(world, gala)
    switch_due(gala.starts_at)
    call_off(assurance=gala, actor=world.eng, now=gala.starts_at + MINUTE)
    assert tight(gala) == 0
    assert switch_due(gala.ends_at) == 0
    with pytest.raises(Refused, match="is over"):
        call_off(assurance=gala, actor=world.eng, now=gala.ends_at)


def test_its_end_can_be_moved_while_it_runs_and_nothing_else(world: World) -> None:
    gala = make_gala(world)
    with_rules(world, gala)
    switch_due(gala.starts_at)
    at = gala.starts_at + HOUR
    longer = plan(world, gala.starts_at, ends_at=gala.ends_at + HOUR)
    change_plan(assurance=gala, plan=longer, actor=world.eng, now=at)
    with pytest.raises(Refused, match="only its end"):
        change_plan(assurance=gala, plan=replace(longer, expected_concurrent=5), actor=world.eng, now=at)
    assert switch_due(gala.ends_at) == 0
    assert tight(gala) > 0
    assert switch_due(gala.ends_at + HOUR) == 1
    assert tight(gala) == 0


def test_it_is_ended_early_by_hand(world: World) -> None:
    gala = make_gala(world)
    with_rules(world, gala)
    with pytest.raises(Refused, match="not begun"):
        end_now(assurance=gala, actor=world.eng, now=world.now)
    switch_due(gala.starts_at)
    end_now(assurance=gala, actor=world.eng, now=gala.starts_at + HOUR)
    gala.refresh_from_db()
    assert (gala.state, tight(gala)) == ("closed", 0)
    assert gala.summarise_at == gala.starts_at + HOUR + 5 * MINUTE


def test_an_alert_of_a_tighter_rule_closes_with_it(world: World) -> None:
    gala = make_gala(world)
    with_rules(world, gala)
    switch_due(gala.starts_at)
    rule = Monitor.objects.filter(kept_by=gala.path).first()
    assert rule is not None
    facts = {name: getattr(rule, name) for name in ("metric", "filters", "comparison", "threshold", "window_s")}
    alert = Alert.objects.create(
        monitor=rule, customer=world.show, app=world.show_app, opened_at=gala.starts_at, severity="red", **facts
    )
    switch_due(gala.ends_at)
    alert.refresh_from_db()
    assert (alert.closed_at, alert.close_reason) == (gala.ends_at, "deleted")


def test_rules_of_other_apps_are_refused(world: World) -> None:
    gala = make_gala(world)
    facts = MonitorFacts("rebuffering_ratio", "above", 5.0)
    other = create_monitor(app=world.social_app, facts=facts, actor=None, now=world.now)
    with pytest.raises(Refused, match="own apps"):
        add_rules(assurance=gala, monitors=[other], how=Tighter(30), actor=world.ada, now=world.now)


def test_two_events_at_once_each_take_their_own_away(world: World) -> None:
    first = make_gala(world)
    second = make_gala(world, starts_at=first.starts_at + HOUR)
    rules = len(with_rules(world, first))
    with_rules(world, second)
    switch_due(first.starts_at)
    switch_due(second.starts_at)
    switch_due(first.ends_at)
    assert (tight(first), tight(second)) == (0, rules)
    assert Assurance.objects.get(pk=second.pk).state == "running"
