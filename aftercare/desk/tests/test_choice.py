"""Who gets a ticket, by table."""

from dataclasses import replace

import pytest

from aftercare.desk.routing import choice
from aftercare.desk.routing.choice import Agent, Need, choose

NEED = Need(tier=1, language="zh-hans", scenario="show_live")
LIN = Agent(1, "Lin", frozenset({1, 2}), presence="on")
WANG = Agent(2, "Wang", frozenset({1}), presence="on")


@pytest.mark.parametrize(
    ("need", "agent", "hinders"),
    [
        (NEED, LIN, ""),
        (NEED, replace(LIN, presence="away"), choice.NOT_ON),
        (NEED, replace(LIN, presence="off"), choice.NOT_ON),
        (NEED, replace(LIN, load=6), choice.FULL),
        (NEED, replace(LIN, languages=frozenset({"en"})), choice.LANGUAGE),
        (NEED, replace(LIN, languages=frozenset({"en", "zh-hans"})), ""),
        (NEED, replace(LIN, scenarios=frozenset({"voice_room"})), choice.SCENARIO),
        (replace(NEED, scenario=""), replace(LIN, scenarios=frozenset({"voice_room"})), ""),
        (replace(NEED, skill="webrtc"), LIN, choice.SKILL),
        (replace(NEED, skill="webrtc"), replace(LIN, skills=frozenset({"webrtc"})), ""),
        (replace(NEED, tier=3), LIN, choice.TIER),
        (replace(NEED, passed_over=frozenset({1})), LIN, choice.PASSED),
    ],
)
def test_what_stands_in_the_way(need: Need, agent: Agent, hinders: str) -> None:
    assert choice.hindrance(need, agent) == hinders
    assert (choose(need, [agent]).agent is None) == bool(hinders)


def test_the_person_with_the_most_room_of_their_own_gets_it() -> None:
    busy, calm = replace(LIN, load=2, capacity=4), replace(WANG, load=2, capacity=8)
    chosen = choose(NEED, [busy, calm])
    assert chosen.agent == calm
    assert chosen.data == {"fitting": 2, "load": 2, "capacity": 8}


def test_of_two_alike_the_one_who_waits_longer_gets_it() -> None:
    assert choose(NEED, [replace(LIN, last_given=200.0), replace(WANG, last_given=100.0)]).agent is not None
    assert choose(NEED, [replace(LIN, last_given=200.0), replace(WANG, last_given=100.0)]).agent.user == 2  # type: ignore


def test_the_named_expert_first_then_the_deputy_then_the_pool() -> None:
    need = replace(NEED, expert=1, deputy=2)
    third = Agent(3, "Sun", frozenset({1}), presence="on")
    assert choose(need, [LIN, WANG, third]).why == choice.EXPERT
    away = replace(LIN, presence="away")
    deputy = choose(need, [away, WANG, third])
    assert (deputy.agent, deputy.why, deputy.data) == (WANG, choice.DEPUTY, {"expert": "Lin", "because": "not_on"})
    pool = choose(need, [away, replace(WANG, load=6), third])
    assert (pool.agent, pool.why) == (third, choice.POOL)


def test_a_named_person_need_not_speak_the_language_but_must_be_of_the_tier() -> None:
    english = replace(LIN, languages=frozenset({"en"}))
    assert choose(replace(NEED, expert=1), [english]).agent == english
    assert choose(replace(NEED, expert=1, tier=3), [english]).agent is None


def test_nobody_says_why_not() -> None:
    found = choose(NEED, [replace(LIN, load=6), replace(WANG, presence="off")])
    assert found.agent is None
    assert found.against == {choice.FULL: 1, choice.NOT_ON: 1}
