"""Storing what an evaluation found: status, history, alert and event in one transaction.

A change is written only where the stored status and revision are still those it was found from, under the row's lock:
of two evaluators that see the same fault one opens the alert, and an edit made meanwhile wins over both.
Alerts are stored app by app, so that what one customer's alert sets off can fail without holding up another's, and
only for BUDGET_S at a time: in an outage of everybody the rest is found again by the next evaluation, red ones first.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from aftercare.kernel.events import publish
from aftercare.kernel.standing import StoodDown, require_current
from aftercare.watch.engine.attribution import UNKNOWN, Finding
from aftercare.watch.engine.rules import NO_LINE, Line, Memory, Reading, is_worse
from aftercare.watch.events import AlertClosed, AlertOpened
from aftercare.watch.models import (
    FIRING_STATUSES,
    Alert,
    CloseReason,
    Comparison,
    MonitorChange,
    MonitorState,
    Severity,
    Status,
)

log = logging.getLogger(__name__)

QUIET_BATCH = 2000
BUDGET_S = 4


@dataclass(frozen=True, slots=True)
class Change:
    """A rule that goes from its memory's status to another, the reading that decided it, and where it was located."""

    memory: Memory
    to: Status
    reading: Reading
    found: Finding = UNKNOWN
    line: Line = NO_LINE

    @property
    def opens(self) -> bool:
        """Whether this fires the rule."""
        return self.to in FIRING_STATUSES and self.memory.status not in FIRING_STATUSES

    @property
    def closes(self) -> bool:
        """Whether this ends an alert."""
        return self.to not in FIRING_STATUSES and self.memory.status in FIRING_STATUSES


def store(changes: Sequence[Change], now: datetime) -> tuple[int, list[Change]]:
    """Write the changes and move their memories on; returns how many held, and those that somebody else overtook.

    A batch that fails is logged and left as it was, and so is what exceeds the budget: the next evaluation finds it.
    """
    held, overtaken = 0, list[Change]()
    until = time.monotonic() + BUDGET_S
    for batch in batches(changes):
        if time.monotonic() > until:
            break
        try:
            kept = store_batch(batch, now)
        except StoodDown:
            raise
        except Exception:
            log.exception("could not store %d changes of monitors; the next evaluation tries again", len(batch))
            continue
        for change in kept:
            take_over(change)
        held += len(kept)
        stored = {change.memory.rule.monitor_id for change in kept}
        overtaken += [change for change in batch if change.memory.rule.monitor_id not in stored]
    return held, overtaken


def take_over(change: Change) -> None:
    """Move a change's memory on, now that it is stored."""
    memory = change.memory
    if change.opens or change.closes:
        memory.worst = memory.written_worst = change.reading.value if change.opens else None
    memory.stand(change.to)


def batches(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """What is stored together: each app's openings and closings, those with a new red one first, then the rest."""
    loud: dict[tuple[int, int], list[Change]] = defaultdict(list)
    quiet = []
    for change in changes:
        if change.opens or change.closes:
            rule = change.memory.rule
            loud[rule.customer_id, rule.app_id].append(change)
        else:
            quiet.append(change)
    yield from sorted(loud.values(), key=lambda batch: not any(c.opens and is_red(c) for c in batch))
    for first in range(0, len(quiet), QUIET_BATCH):
        yield quiet[first : first + QUIET_BATCH]


def is_red(change: Change) -> bool:
    """Whether the rule draws a red line."""
    return change.memory.rule.severity == Severity.RED


def store_batch(batch: Sequence[Change], now: datetime) -> list[Change]:
    """Write one batch in one transaction; returns the changes that still held."""
    with transaction.atomic():
        require_current()
        stands = MonitorState.objects.select_for_update().order_by("pk").values_list("pk", "status", "revision")
        ids = [change.memory.rule.monitor_id for change in batch]
        found = {(pk, status, revision) for pk, status, revision in stands.filter(pk__in=ids)}
        kept = [c for c in batch if (c.memory.rule.monitor_id, c.memory.status, c.memory.revision) in found]
        write_states(kept, now)
        open_alerts([change for change in kept if change.opens], now)
        close_alerts([change for change in kept if change.closes], now)
    return kept


def write_states(changes: Sequence[Change], now: datetime) -> None:
    """The new statuses in one statement, and one row of history each in another."""
    states = [
        MonitorState(
            monitor_id=change.memory.rule.monitor_id,
            status=change.to,
            value=change.reading.value,
            volume=change.reading.volume,
            revision=change.memory.revision,
            changed_at=now,
        )
        for change in changes
    ]
    history = [
        MonitorChange(
            monitor_id=change.memory.rule.monitor_id,
            at=now,
            from_status=change.memory.status,
            to_status=change.to,
            value=change.reading.value,
            volume=change.reading.volume,
        )
        for change in changes
    ]
    MonitorState.objects.bulk_create(
        states,
        update_conflicts=True,
        unique_fields=["monitor"],
        update_fields=["status", "value", "volume", "changed_at"],
    )
    MonitorChange.objects.bulk_create(history)


def open_alerts(changes: Sequence[Change], now: datetime) -> None:
    """One alert per change, the red ones told first."""
    in_order = sorted(changes, key=lambda change: not is_red(change))
    for alert in Alert.objects.bulk_create([alert_of(change, now) for change in in_order]):
        publish(AlertOpened(alert.pk, now))


def alert_of(change: Change, now: datetime) -> Alert:
    """The alert a change opens: the rule as it was asked, and what was measured."""
    rule, reading = change.memory.rule, change.reading
    return Alert(
        monitor_id=rule.monitor_id,
        customer_id=rule.customer_id,
        app_id=rule.app_id or None,
        metric=rule.metric.key,
        unit=rule.unit,
        filters=dict(rule.filters),
        comparison=Comparison.ABOVE if rule.is_above else Comparison.BELOW,
        threshold=rule.threshold if change.line.value is None else change.line.value,
        expected=change.line.expected,
        window_s=reading.span_s or rule.window_s,
        severity=rule.severity,
        opened_at=now,
        first_value=reading.value,
        worst_value=reading.value,
        volume=reading.volume,
        cause_id=change.found.cause,
        located=change.found.as_dict(),
    )


def close_alerts(changes: Sequence[Change], now: datetime) -> None:
    """Close the open alert of each change and say why."""
    by_monitor = {change.memory.rule.monitor_id: change for change in changes}
    for alert in Alert.objects.filter(monitor__in=by_monitor, closed_at__isnull=True).order_by("pk"):
        if alert.monitor_id is None:
            continue
        change = by_monitor[alert.monitor_id]
        alert.closed_at = now
        alert.close_reason = CloseReason.RECOVERED if change.to == Status.OK else CloseReason.UNSEEN
        worst = change.memory.worst
        if worst is not None and is_worse(change.memory.rule, worst, alert.worst_value):
            alert.worst_value = worst
        alert.save(update_fields=["closed_at", "close_reason", "worst_value"])
        publish(AlertClosed(alert.pk, now))
