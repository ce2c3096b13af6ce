"""When each target is due: by its own interval, spread by chance, never twice at once."""

import random
from dataclasses import dataclass, field

from aftercare.probe.types import Target

JITTER = 0.1
Place = tuple[str, str]


@dataclass
class Schedule:
    """Targets of several keys. Times are seconds of a monotonic clock, handed in; `chance` gives 0 to 1."""

    chance: random.Random = field(default_factory=random.SystemRandom)
    _due: dict[Place, float] = field(default_factory=dict)
    _targets: dict[Place, Target] = field(default_factory=dict)
    _busy: set[Place] = field(default_factory=set)

    def set_targets(self, key: str, targets: list[Target], now: float) -> None:
        """The targets that this key has now: new ones are due soon, those that are gone no more."""
        wanted = {(key, target.ref): target for target in targets}
        for place in [place for place in self._targets if place[0] == key and place not in wanted]:
            del self._targets[place], self._due[place]
        for place, target in wanted.items():
            if self._targets.get(place) != target:
                # Spread over a tenth of the interval, so that not all begin in the same second.
                self._due[place] = now + self.chance.random() * target.every_s * JITTER
            self._targets[place] = target

    def take_due(self, now: float) -> list[tuple[str, Target]]:
        """What is to be looked at now, longest overdue first; each is busy until `done`."""
        due = sorted((at, place) for place, at in self._due.items() if at <= now and place not in self._busy)
        for _, place in due:
            self._busy.add(place)
            spread = 1 + JITTER * (2 * self.chance.random() - 1)
            self._due[place] = now + self._targets[place].every_s * spread
        return [(place[0], self._targets[place]) for _, place in due]

    def done(self, key: str, ref: str) -> None:
        """A run is over."""
        self._busy.discard((key, ref))
