"""The pure part: what one window says about one rule, and when that changes the rule's status."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from aftercare.telemetry.schema.catalog import Metric
from aftercare.telemetry.schema.measured import Measurement
from aftercare.watch.models import FIRING_STATUSES, Kind, NoData, Sensitivity, Status

# A share of events (joins, starts, calls) is over the line only with this many events on the wrong side: at the floor
# of 25 attempts a healthy 99% crosses a 98% line in every fifth window by chance alone; with five failures, in one of
# a hundred thousand. Whoever sets a floor of their own has judged that for themselves.
FEWEST_EVENTS = 5

# Windows in a row before "too little" or "nothing" is written down: traffic that hovers about the floor must not
# fill the history with rows. Nobody is woken by these.
SETTLE_WINDOWS = 6


class Verdict(Enum):
    """What one window says."""

    OVER = "over the line"
    WITHIN = "within the limit"
    LOW_VOLUME = "too little volume for a verdict"
    NO_DATA = "nothing seen"
    LEARNING = "too little past to say what is usual"


@dataclass(frozen=True, slots=True)
class Reading:
    """The metric over one window of `span_s` seconds; `value` None means nothing was seen."""

    value: float | None
    volume: float
    span_s: int = 0


NOTHING = Reading(None, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """What a rule without a fixed limit was held against: the value that was crossed (None: the rule's own limit), and
    what an alert tells of it.
    """

    value: float | None = None
    expected: dict[str, Any] = field(default_factory=dict)


NO_LINE = Line()


@dataclass(frozen=True, slots=True)
class Rule:
    """One monitor as the evaluation needs it.

    `app_id` 0 stands for all apps of the customer. `filters` is sorted by dimension; `floor` is a volume, `fewest` a
    number of events on the wrong side. `threshold` is the limit or the objective; 0 for a kind that has none.
    """

    monitor_id: int
    customer_id: int
    app_id: int
    metric: Metric | Measurement
    filters: tuple[tuple[str, str], ...]
    is_above: bool
    threshold: float
    window_s: int
    floor: float
    fewest: int
    fire_after: int
    resolve_after: int
    no_data: str
    severity: str
    unit: str = ""
    kind: str = Kind.THRESHOLD
    sensitivity: str = Sensitivity.NORMAL

    @property
    def of_catalog(self) -> Metric:
        """The catalog's metric that it is about. Raises TypeError for a rule about a measurement."""
        if isinstance(self.metric, Measurement):
            raise TypeError(f"{self.metric.key} is not in the catalog")
        return self.metric


@dataclass(slots=True)
class Memory:
    """Where one rule stands in this evaluator: the stored status, and the streak that may change it.

    The streak lives here alone: after a restart it counts anew from the stored status.
    """

    rule: Rule
    status: str = Status.NEW
    revision: int = 1
    towards: str = ""
    streak: int = 0
    worst: float | None = None
    written_worst: float | None = None

    def stand(self, status: str) -> None:
        """Take over a stored status; any streak starts anew."""
        self.status, self.towards, self.streak = status, "", 0


def judge(rule: Rule, reading: Reading) -> Verdict:
    """What the window says. Below the floor there is no verdict; nothing seen is never taken for zero."""
    if reading.value is None:
        return Verdict.NO_DATA
    if reading.volume < rule.floor:
        return Verdict.LOW_VOLUME
    is_over = reading.value > rule.threshold if rule.is_above else reading.value < rule.threshold
    if is_over and rule.fewest and wrong_events(rule, reading.value, reading.volume) < rule.fewest:
        return Verdict.LOW_VOLUME
    return Verdict.OVER if is_over else Verdict.WITHIN


def weigh(rule: Rule, whole: Reading, newest: Reading | None) -> tuple[Verdict, Reading]:
    """What the window says, and by which reading: its newest end speaks where that alone is over the line.

    The end is held to the same floor and to the same number of wrong events as the whole, so it speaks only where there
    is much to see; that it is within the limit says nothing, since a slow fault needs the whole window to show.
    """
    if newest is not None and judge(rule, newest) is Verdict.OVER:
        return Verdict.OVER, newest
    return judge(rule, whole), whole


def wrong_events(rule: Rule, value: float, volume: float) -> float:
    """How many of a share's events lie on the wrong side."""
    return volume * (value if rule.is_above else 100 - value) / 100


def own_floor(metric: Metric | Measurement) -> float:
    """The least volume for a verdict where the rule says none: the metric's own; of a measurement one point."""
    return 1 if isinstance(metric, Measurement) else metric.minimum_volume


def is_share_of_events(metric: Metric | Measurement) -> bool:
    """Whether the metric is a percentage of things that happened, not of time."""
    if isinstance(metric, Measurement):
        return False
    return metric.unit == "%" and bool(metric.denominator) and not metric.denominator.endswith("_ms")


# What is written down of a window without a verdict.
UNSEEN = {
    Verdict.NO_DATA: Status.NO_DATA,
    Verdict.LOW_VOLUME: Status.LOW_VOLUME,
    Verdict.LEARNING: Status.LEARNING,
}


def aim(rule: Rule, status: str, verdict: Verdict) -> tuple[Status, int]:
    """The status that a verdict speaks for, and how many such windows in a row it takes to get there."""
    is_firing = status in FIRING_STATUSES
    settle = 1 if status == Status.NEW else SETTLE_WINDOWS
    if verdict is Verdict.OVER:
        return Status.FIRING, 1 if is_firing else rule.fire_after
    if verdict is Verdict.WITHIN:
        return Status.OK, rule.resolve_after if is_firing else settle
    if verdict is Verdict.NO_DATA and rule.no_data == NoData.FIRE:
        return Status.FIRING, 1 if is_firing else rule.fire_after
    unseen = UNSEEN[verdict]
    if not is_firing:
        return unseen, settle
    return (unseen, rule.resolve_after) if rule.no_data == NoData.RESOLVE else (Status.FIRING_BLIND, settle)


def advance(memory: Memory, verdict: Verdict) -> Status | None:
    """Count one window; the status to change to, when enough windows in a row have said so.

    The memory keeps its status until the change is stored, so that a change that could not be is tried again.
    """
    status, needed = aim(memory.rule, memory.status, verdict)
    if status == memory.status:
        memory.towards, memory.streak = "", 0
        return None
    memory.streak = memory.streak + 1 if status == memory.towards else 1
    memory.towards = status
    return status if memory.streak >= needed else None


def is_worse(rule: Rule, value: float, than: float | None) -> bool:
    """Whether the value lies further beyond the line than another one."""
    return than is None or (value > than if rule.is_above else value < than)
