"""Maintenance that was announced and expects alerts holds those of what it touches until it ends, and no others."""

from datetime import timedelta

from aftercare.incidents.changes.running import end_change, start_change
from aftercare.incidents.models import Change, HeldFor, Incident
from aftercare.incidents.tests.changing import announced, begun, make_edge
from aftercare.oncall.models import Page
from tests.incidents.noisy import Noise, held


def window(noise: Noise) -> Change:
    """Half an hour of maintenance that began a minute ago and expects alerts."""
    make_edge(noise.night.world)
    return begun(announced(noise.night.world, expects_alerts=True), noise.now - timedelta(minutes=1))


def test_it_holds_until_its_window_ends(noise: Noise) -> None:
    change = window(noise)
    expected, other = noise.opens(), noise.opens(app=noise.night.world.social_app)
    noise.look()
    assert noise.night.heard() == ["Lin text"] and Incident.objects.get().app == other.app
    assert (held(expected).reason, held(expected).change) == (HeldFor.MAINTENANCE, change)
    noise.closes(other)
    noise.wait(1700)
    noise.night.heard()
    assert held(expected).outcome == ""
    noise.wait(60)
    assert noise.night.heard() == ["Lin text"] and held(expected).outcome == "joined"
    assert Page.objects.count() == 2


def test_it_lets_go_where_it_ends_early(noise: Noise) -> None:
    world = noise.night.world
    change = window(noise)
    start_change(change=change, decision="They sleep.", actor=world.eng, now=noise.now)
    expected = noise.opens()
    noise.look()
    assert noise.night.heard() == []
    end_change(change=change, actor=world.eng, now=noise.now)
    noise.wait(1)
    assert noise.night.heard() == ["Lin text"] and held(expected).outcome == "joined"
