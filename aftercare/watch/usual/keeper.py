"""The pasts of all series that rules ask for, in one process: read beside the evaluation, up to date each slot."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from aftercare.telemetry.store.client import ClientPool
from aftercare.watch.engine.questions import Question
from aftercare.watch.engine.rules import Rule
from aftercare.watch.usual import calendar
from aftercare.watch.usual.bands import between
from aftercare.watch.usual.curve import SLOT_S, SLOTS_A_DAY, Past, Usual, usual_at
from aftercare.watch.usual.history import SLOTS, Series, joined, question_of_past, read_past, series_of
from aftercare.watch.usual.places import Places
from aftercare.watch.usual.scales import scale_of

log = logging.getLogger(__name__)

# A slot counts once it is over for this long: reports of up to 30 s, and a retry of theirs, are in by then.
SETTLED_S = 120
# So many slots are read again each time: what comes within two hours restates what was usual.
AGAIN = 12
# The evaluation waits this long for pasts; what takes longer is judged from the next evaluation on.
BUDGET_S = 2.0


@dataclass
class Learned:
    """One series' past, and what it says of two slots: those whose middles lie around the present."""

    past: Past
    slot: int = 0
    pair: tuple[Usual | None, Usual | None] = (None, None)


class Keeper:
    """Answers what is usual now. One reading at a time, in a thread of its own."""

    def __init__(self, pool: Callable[[], ClientPool]) -> None:
        self._pool = pool
        self._places = Places()
        self._learned: dict[Series, Learned] = {}
        self._reading: threading.Thread | None = None

    def refresh(self, rules: Iterable[Rule], now: datetime) -> None:
        """Read what is missing of these rules' pasts; waits a little for it, never long."""
        if self._reading is not None and self._reading.is_alive():
            return
        wanted = {series_of(rule): rule for rule in rules}
        for series in self._learned.keys() - wanted.keys():
            del self._learned[series]
        end = end_of_past(now)
        behind = [rule for series, rule in wanted.items() if self._is_behind(series, end)]
        if not behind:
            return
        self._places.refresh({rule.customer_id for rule in wanted.values()}, now)
        self._reading = threading.Thread(target=self._read, args=[behind, end], daemon=True, name="usual")
        self._reading.start()
        self._reading.join(BUDGET_S)

    def _is_behind(self, series: Series, end: int) -> bool:
        known = self._learned.get(series)
        return known is None or known.past.end != end

    def _read(self, rules: Sequence[Rule], end: int) -> None:
        groups: dict[tuple[Question, int], list[Rule]] = defaultdict(list)
        for rule in rules:
            known = self._learned.get(series_of(rule))
            # A clock that jumped, or a process that slept, begins anew.
            is_near = known is not None and 0 < end - known.past.end <= AGAIN
            question = question_of_past(rule)
            if question is not None:
                first = known.past.end - AGAIN if known is not None and is_near else end - SLOTS
                groups[question, first].append(rule)
        for (question, first), together in groups.items():
            try:
                self._take(read_past(self._pool(), question, together, first, end), first)
            except Exception:
                log.exception("could not read the past of %d series; tried again", len(together))

    def _take(self, pasts: dict[Series, Past], first: int) -> None:
        for series, past in pasts.items():
            known = self._learned.get(series)
            is_whole = known is None or first <= past.end - SLOTS
            self._learned[series] = Learned(past if is_whole or known is None else joined(known.past, past, first))

    def usual(self, rule: Rule, at: float) -> Usual | None:
        """What is usual for the rule's series at this moment (epoch seconds); None where too little is known.

        Raises KeyError while its past has not been read.
        """
        learned = self._learned[series_of(rule)]
        middle = (at - SLOT_S / 2) / SLOT_S
        slot = int(middle)
        if learned.slot != slot:
            scale = scale_of(rule.of_catalog)
            place = self._places.of(rule.customer_id)
            learned.pair = tuple(  # type: ignore[assignment]
                usual_at(learned.past, one, scale, calendar.weekdays_before(one, *place)) for one in (slot, slot + 1)
            )
            learned.slot = slot
        first, second = learned.pair
        if first is None or second is None:
            return second or first
        return between(first, second, middle - slot)

    def presence(self, rule: Rule, now: datetime) -> float | None:
        """In which share of the slots about this time, on the last seven days, something was reported.

        None where no day is known.
        """
        learned = self._learned.get(series_of(rule))
        if learned is None or not np.isfinite(learned.past.values[-SLOTS_A_DAY:]).any():
            return None
        known = np.isfinite(learned.past.values)
        slot = int(now.timestamp() / SLOT_S)
        back = learned.past.end - (slot - np.arange(1, 8)[:, None] * SLOTS_A_DAY + np.arange(-1, 2)[None, :])
        begun = len(known) - int(np.argmax(known))  # days before its first report say nothing
        seen = known[len(known) - back[back <= begun]]
        return float(seen.mean()) if seen.size else None


def end_of_past(now: datetime) -> int:
    """The first slot that does not count yet."""
    return int((now.timestamp() - SETTLED_S) // SLOT_S)
