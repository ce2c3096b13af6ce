"""Choosing a person for a ticket: pure, so that every choice can be explained and tried by table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

ON, AWAY, OFF = "on", "away", "off"

# Why somebody does not get a ticket, in the order in which it is looked at.
NOT_ON, PASSED, TIER, FULL, LANGUAGE, SKILL, SCENARIO = (
    *("not_on", "passed", "tier", "full"),
    *("language", "skill", "scenario"),
)
EXPERT, DEPUTY, POOL = "expert", "deputy", "pool"


@dataclass(frozen=True)
class Need:
    """What a ticket asks of a person. `expert` and `deputy` are primary keys, None where the customer has none."""

    tier: int
    language: str
    skill: str = ""
    scenario: str = ""
    expert: int | None = None
    deputy: int | None = None
    passed_over: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Agent:
    """One person with what they take and how they are now. `load` is how many tickets wait for their answer.

    `last_given` orders people of equal load: seconds since the epoch of their last ticket, 0 for none yet.
    """

    user: int
    name: str
    tiers: frozenset[int]
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    scenarios: frozenset[str] = frozenset()
    capacity: int = 6
    load: int = 0
    presence: str = OFF
    last_given: float = 0.0

    @property
    def is_free(self) -> bool:
        """Whether one more may be given."""
        return self.presence == ON and self.load < self.capacity


@dataclass(frozen=True)
class Choice:
    """Who, and why; without anybody `why` is empty and `against` counts what stood in the way, person by person."""

    agent: Agent | None
    why: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    against: dict[str, int] = field(default_factory=dict)


def choose(need: Need, agents: Sequence[Agent]) -> Choice:
    """The named expert, else the deputy, else the fitting person of the pool with the most room.

    A named person is not asked for language, skill or scenario: they were named because they know the customer.
    """
    by_user = {agent.user: agent for agent in agents}
    expert, deputy = (by_user.get(user) if user is not None else None for user in (need.expert, need.deputy))
    if expert is not None and not hindrance(need, expert, is_named=True):
        return Choice(expert, EXPERT)
    if deputy is not None and not hindrance(need, deputy, is_named=True):
        if expert is None:
            return Choice(deputy, DEPUTY)
        return Choice(deputy, DEPUTY, {"expert": expert.name, "because": hindrance(need, expert, is_named=True)})
    against: dict[str, int] = {}
    fitting = []
    for agent in agents:
        hinders = hindrance(need, agent)
        if hinders:
            against[hinders] = against.get(hinders, 0) + 1
        else:
            fitting.append(agent)
    if not fitting:
        return Choice(None, against=against)
    best = min(fitting, key=rank)
    return Choice(best, POOL, {"fitting": len(fitting), "load": best.load, "capacity": best.capacity}, against)


def hindrance(need: Need, agent: Agent, *, is_named: bool = False) -> str:
    """What stands in the way of giving this ticket to this person; "" when nothing does."""
    if agent.presence != ON:
        return NOT_ON
    if agent.user in need.passed_over:
        return PASSED
    if need.tier not in agent.tiers:
        return TIER
    if agent.load >= agent.capacity:
        return FULL
    if is_named:
        return ""
    if need.language and agent.languages and need.language not in agent.languages:
        return LANGUAGE
    if need.skill and need.skill not in agent.skills:
        return SKILL
    if need.scenario and agent.scenarios and need.scenario not in agent.scenarios:
        return SCENARIO
    return ""


def rank(agent: Agent) -> tuple[float, float, int]:
    """Smallest first: the share of room taken, then who has waited longest for a ticket."""
    return agent.load / agent.capacity, agent.last_given, agent.user
