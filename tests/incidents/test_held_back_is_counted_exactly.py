"""Whatever holds alerts back, each is counted once, with its reason: on Now, in its list, and in the figure of the time
in which it opened.
"""

from datetime import timedelta

from aftercare.incidents.figures.queries import figures
from aftercare.incidents.figures.types import Counted, Wanted
from aftercare.incidents.models import HeldBack
from aftercare.incidents.noise.actions import make_rule
from aftercare.incidents.noise.matching import Match
from aftercare.incidents.noise.queries import count_held
from tests.incidents.noisy import Noise, warning


def held_back(noise: Noise, began: Wanted) -> Counted:
    """The figure from when the night began until now."""
    return figures(Wanted(began.start, noise.now + timedelta(seconds=1)), noise.now)["held_back"]


def test_each_once_with_its_reason(noise: Noise) -> None:
    world, began = noise.night.world, Wanted(noise.now, noise.now)
    noise.silence(Match(metric="join_time"))
    noise.silence(Match(metric="join*"), lasts=timedelta(hours=2))  # two mean the same alert: it is one
    facts = {"source": Match(metric="push_rtt"), "target": Match(metric="stall_rate"), "same": "app"}
    make_rule(name="Origin down", actor=world.ada, now=noise.now, **facts)
    first = noise.opens(metric="join_time")
    noise.opens(metric="join_time", **warning())
    noise.opens(metric="push_rtt")
    noise.opens()
    noise.opens(app=world.social_app)
    noise.look()
    assert count_held(noise.now) == {"silence": 2, "inhibited": 1}
    line = "3 alerts held back: 2 by silences, 1 behind another alert"
    assert line in world.client("eng").get("/").content.decode()
    assert (held_back(noise, began).n, held_back(noise, began).value) == (5, 60)

    noise.closes(first)
    noise.wait(2 * 3600 + 1)
    assert count_held(noise.now) == {"inhibited": 1}
    counted = held_back(noise, began)
    assert (counted.n, counted.value, len(counted.rows)) == (5, 60, 3), "what was let go is not counted again"
    assert HeldBack.objects.count() == 3
    listed = world.client("eng").get("/silences/held?which=all").content.decode()
    assert listed.count('<tr><th scope="row">') == 3
    noise.night.heard()


def test_what_flaps_counts_each_time(noise: Noise) -> None:
    began = Wanted(noise.now, noise.now)
    alert = noise.opens()
    for _time in range(4):
        noise.closes(alert)
        noise.wait(60)
        alert = noise.opens_again(alert)
    noise.look()
    assert count_held(noise.now) == {"flapping": 1}, "one is open"
    assert (held_back(noise, began).n, held_back(noise, began).value) == (5, 40), "the fourth and the fifth"
    noise.closes(alert)
    assert count_held(noise.now) == {}
    noise.wait(1000)
    noise.night.heard()
