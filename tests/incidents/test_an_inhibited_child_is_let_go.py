"""While the alert that stands for them calls somebody, others wait; once it closed and they last, they page."""

from aftercare.incidents.models import HeldFor, Incident, IncidentAlert
from aftercare.incidents.noise.actions import make_rule, remove_rule
from aftercare.incidents.noise.inhibiting import GRACE
from aftercare.incidents.noise.matching import Match
from aftercare.oncall.models import Page
from tests.incidents.noisy import Noise, held, warning


def test_it_waits_and_pages_when_its_parent_is_over(noise: Noise) -> None:
    world = noise.night.world
    make_rule(
        name="Origin down",
        source=Match(metric="push_rtt"),
        target=Match(metric="stall_rate"),
        same="customer",
        actor=world.ada,
        now=noise.now,
    )
    alone = noise.opens(app=None)
    assert Incident.objects.count() == 1, "without its parent it calls by itself"
    noise.look()
    assert noise.night.heard() == ["Lin text"]
    noise.closes(alone)
    noise.wait(1)
    noise.night.heard()

    parent = noise.opens(metric="push_rtt")
    children = [noise.opens(app=None), noise.opens(app=None, **warning())]
    noise.look()
    assert noise.night.heard() == ["Lin text"]
    assert [(held(one).reason, held(one).parent) for one in children] == [(HeldFor.INHIBITED, parent)] * 2
    noise.closes(parent)
    noise.closes(children[1])
    noise.wait(GRACE.total_seconds() - 5)
    noise.night.heard()
    assert held(children[0]).outcome == "", "what followed from the parent gets its two minutes to recover"
    noise.wait(10)
    assert noise.night.heard() == ["Lin text"]
    link = IncidentAlert.objects.get(alert=children[0])
    assert link.incident.status == "open" and not IncidentAlert.objects.filter(alert=children[1]).exists()
    assert [held(one).outcome for one in children] == ["joined", "over"]
    assert Page.objects.filter(state="open").count() == 1


def test_a_red_one_never_waits_for_a_warning_and_two_rules_silence_not_both(noise: Noise) -> None:
    world = noise.night.world
    for source, target in (("push_rtt", "stall_rate"), ("stall_rate", "push_rtt")):
        make_rule(
            name=f"{source} stands",
            source=Match(metric=source),
            target=Match(metric=target),
            same="app",
            actor=world.ada,
            now=noise.now,
        )
    noise.opens(metric="push_rtt", **warning())
    noise.opens()
    noise.look()
    assert noise.night.heard() == ["Lin text"], "the red one calls though a warning stands for it"


def test_a_rule_that_is_taken_away_lets_go(noise: Noise) -> None:
    world = noise.night.world
    facts = {"source": Match(metric="push_rtt"), "target": Match(metric="stall_rate"), "same": "customer"}
    rule = make_rule(name="Origin down", actor=world.ada, now=noise.now, **facts)
    noise.opens(metric="push_rtt")
    child = noise.opens(app=None)
    noise.look()
    noise.night.heard()
    remove_rule(rule=rule, actor=world.ada, now=noise.now)
    noise.wait(1)
    assert held(child).outcome == "joined" and noise.night.heard() == ["Lin text"]
