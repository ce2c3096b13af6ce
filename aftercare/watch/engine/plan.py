"""The rules of all customers in memory, loaded anew only when somebody edited one."""

import logging
from datetime import datetime, timedelta
from typing import Any

from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.schema.measured import Measurement, measurement_of
from aftercare.watch.engine.questions import AnyQuestion, by_question
from aftercare.watch.engine.rules import FEWEST_EVENTS, Memory, Rule, is_share_of_events, own_floor
from aftercare.watch.models import Alert, Comparison, Kind, Monitor, MonitorState, PlanVersion
from aftercare.watch.usual.history import can_be_learned

log = logging.getLogger(__name__)

COLUMNS = (
    "pk",
    "customer_id",
    "app_id",
    "metric",
    "unit",
    "filters",
    "comparison",
    "threshold",
    "window_s",
    "min_volume",
    "fire_after",
    "resolve_after",
    "no_data",
    "severity",
    "kind",
    "sensitivity",
    "state__status",
    "state__revision",
)
LOOKING_BACK = (Kind.ANOMALY, Kind.ABSENCE)
# Another evaluator's clock may be off by this much; reading a change twice does no harm.
CLOCK_MARGIN = timedelta(seconds=60)


class Plan:
    """Every enabled rule with its memory, grouped by question; `burns` have windows of their own, and `learned` are
    those that ask what was there before, `measured` those that ask what is new of a measurement.
    """

    def __init__(self) -> None:
        self.token: str | None = None
        self.memories: dict[int, Memory] = {}
        self.groups: dict[AnyQuestion, list[Memory]] = {}
        self.burns: list[Memory] = []
        self.learned: list[Rule] = []
        self.measured: list[Rule] = []
        self._synced_at: datetime | None = None

    def refresh(self, now: datetime) -> None:
        """Bring the plan up to date: load it where a rule changed, else take over what others wrote to the states."""
        token = PlanVersion.objects.filter(pk=1).values_list("token", flat=True).first() or ""
        if token != self.token:
            self._load()
            self.token = token
        elif self._synced_at is not None:
            self.sync(MonitorState.objects.filter(changed_at__gte=self._synced_at - CLOCK_MARGIN))
        self._synced_at = now

    def sync(self, states: Any) -> None:
        """Take over stored states (a queryset of MonitorState) that differ from what is remembered.

        A state of another revision belongs to a rule that was edited: it comes with the rule, at the next loading.
        """
        for monitor_id, status, revision in states.values_list("pk", "status", "revision"):
            memory = self.memories.get(monitor_id)
            if memory and memory.revision == revision and memory.status != status:
                memory.stand(status)

    def _load(self) -> None:
        rows = Monitor.objects.filter(enabled=True, deleted_at__isnull=True).values_list(*COLUMNS)
        worst = dict(
            Alert.objects.filter(closed_at__isnull=True, monitor__isnull=False).values_list("monitor_id", "worst_value")
        )
        loaded: dict[int, Memory] = {}
        for row in rows:
            rule = rule_of(row)
            if rule is None:
                continue
            memory = self.memories.get(rule.monitor_id)
            status, revision = row[-2:]
            if memory is None or memory.rule != rule or (memory.status, memory.revision) != (status, revision):
                memory = Memory(rule, status, revision)
                memory.worst = memory.written_worst = worst.get(rule.monitor_id)
            loaded[rule.monitor_id] = memory
        self.memories = loaded
        self.burns = [memory for memory in loaded.values() if memory.rule.kind == Kind.BURN_RATE]
        self.groups = by_question(memory for memory in loaded.values() if memory.rule.kind != Kind.BURN_RATE)
        looking_back = [memory.rule for memory in loaded.values() if memory.rule.kind in LOOKING_BACK]
        self.learned = [rule for rule in looking_back if can_be_learned(rule)]
        anomalies = [rule for rule in looking_back if rule.kind == Kind.ANOMALY]
        self.measured = [rule for rule in anomalies if isinstance(rule.metric, Measurement)]


def rule_of(row: tuple[Any, ...]) -> Rule | None:
    """A stored monitor (its COLUMNS) as a rule; None, with a line in the log, for a metric the catalog dropped."""
    facts = dict(zip(COLUMNS, row, strict=True))
    metric = METRICS.get(facts["metric"]) or measurement_of(facts["metric"])
    if metric is None:
        log.warning("monitor %d watches %r, which the catalog no longer has", facts["pk"], facts["metric"])
        return None
    floor = facts["min_volume"]
    return Rule(
        monitor_id=facts["pk"],
        customer_id=facts["customer_id"],
        app_id=facts["app_id"] or 0,
        metric=metric,
        filters=tuple(sorted(facts["filters"].items())),
        is_above=facts["comparison"] == Comparison.ABOVE,
        threshold=facts["threshold"] or 0.0,
        window_s=facts["window_s"],
        floor=own_floor(metric) if floor is None else floor,
        fewest=FEWEST_EVENTS if floor is None and is_share_of_events(metric) else 0,
        fire_after=facts["fire_after"],
        resolve_after=facts["resolve_after"],
        no_data=facts["no_data"],
        severity=facts["severity"],
        unit=facts["unit"],
        kind=facts["kind"],
        sensitivity=facts["sensitivity"],
    )
