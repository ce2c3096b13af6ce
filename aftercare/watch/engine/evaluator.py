"""One evaluation of every rule of every customer."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from aftercare.telemetry.store.client import ClientPool
from aftercare.watch.engine import worst
from aftercare.watch.engine.answers import ask_all
from aftercare.watch.engine.burning import Burner
from aftercare.watch.engine.changes import Change, store
from aftercare.watch.engine.judges import Judged, judge_by_kind
from aftercare.watch.engine.locating import Locator
from aftercare.watch.engine.plan import Plan
from aftercare.watch.engine.questions import AnyQuestion
from aftercare.watch.engine.rules import Memory, Verdict, advance
from aftercare.watch.models import FIRING_STATUSES, MonitorState
from aftercare.watch.usual.keeper import Keeper
from aftercare.watch.usual.novel import Novelties

log = logging.getLogger(__name__)

EVERY_S = 5
# A call sooner than this after the last evaluation does nothing: windows in a row must be different windows.
SOONEST = timedelta(seconds=EVERY_S / 2)


def is_silent(judged: Judged) -> bool:
    """Whether it rests on nothing, or on too little."""
    return judged[1].value is None or judged[0] is Verdict.LOW_VOLUME


class Evaluator:
    """Holds the plan and the streaks of one process. One evaluation at a time."""

    def __init__(self, pool: Callable[[], ClientPool]) -> None:
        self._pool = pool
        self._plan = Plan()
        self._locator = Locator(pool)
        self._keeper = Keeper(pool)
        self._novelties = Novelties(pool)
        self._burner = Burner(pool)
        self._busy = threading.Lock()
        self._started_at: datetime | None = None
        self._last: datetime | None = None

    def process_due(self, now: datetime) -> int:
        """Evaluate every rule unless it was just done or is being done; returns how many changes were stored."""
        if not self._busy.acquire(blocking=False):
            return 0
        try:
            if self._last is not None and timedelta() <= now - self._last < SOONEST:
                return 0
            self._last = now
            self._started_at = self._started_at or now
            return self._evaluate(now)
        finally:
            self._busy.release()

    def _evaluate(self, now: datetime) -> int:
        self._plan.refresh(now)
        changes: list[Change] = []
        worsened: list[Memory] = []
        self._keeper.refresh(self._plan.learned, now)
        self._novelties.refresh(self._plan.measured, now)
        for question, memories in self._plan.groups.items():
            self._weigh(question, memories, now, changes, worsened)
        self._weigh_burns(now, changes, worsened)
        stored, overtaken = store(self._locator.locate(changes, now), now)
        if overtaken:
            ids = [change.memory.rule.monitor_id for change in overtaken]
            self._plan.sync(MonitorState.objects.filter(pk__in=ids))
        worst.write(worsened)
        return stored

    def _weigh(
        self,
        question: AnyQuestion,
        memories: Sequence[Memory],
        now: datetime,
        changes: list[Change],
        worsened: list[Memory],
    ) -> None:
        """Ask one question and add what it changes. When it cannot be asked, nothing is known and nothing changes."""
        try:
            answers = ask_all(self._pool(), question, [memory.rule for memory in memories], now)
        except Exception:
            log.exception("could not ask %s; %d monitors keep their state", question, len(memories))
            return
        is_early = self._started_at is None or now - self._started_at < timedelta(seconds=question.window_s)
        for memory in memories:
            try:
                judged = judge_by_kind(memory, answers, self._keeper, self._novelties, now)
                # Soon after a start, silence may be our own absence.
                if judged is not None and not (is_early and is_silent(judged)):
                    self._count(memory, judged, changes, worsened)
            except Exception:
                log.exception("could not judge monitor %d; it keeps its state", memory.rule.monitor_id)

    def _weigh_burns(self, now: datetime, changes: list[Change], worsened: list[Memory]) -> None:
        """The rules about budgets, whose windows are their own and are asked more rarely."""
        memories = {memory.rule: memory for memory in self._plan.burns}
        try:
            judged = self._burner.judge(list(memories), now)
        except Exception:
            log.exception("could not ask for burn rates; %d monitors keep their state", len(memories))
            return
        for rule, one in judged.items():
            self._count(memories[rule], one, changes, worsened)

    def _count(self, memory: Memory, judged: Judged, changes: list[Change], worsened: list[Memory]) -> None:
        """Count one window of one rule."""
        verdict, reading, line = judged
        to = advance(memory, verdict)
        if to is not None:
            changes.append(Change(memory, to, reading, line=line))
        elif verdict is Verdict.OVER and memory.status in FIRING_STATUSES and worst.remember(memory, reading):
            worsened.append(memory)
