"""Scrape targets as the puller sees them: rows with a due time, claimed by one process, and what a pull came to."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Coalesce

from aftercare.kernel.sealing import InvalidToken, unseal
from aftercare.telemetry.actions.scrape_targets import PURPOSE
from aftercare.telemetry.models import ScrapeTarget

SECOND = Value(timedelta(seconds=1), output_field=DurationField())
# Of one customer, or resource of the provider, no more are pulled at once: one whose targets all hang keeps nobody
# else waiting.
AT_ONCE_PER_OWNER = 4
LONGEST_COMMIT = timedelta(seconds=30)


@dataclass(frozen=True)
class Pull:
    """What one pull came to; without `trouble` (a msgid) the target is up."""

    target: int
    revision: int
    at: datetime
    duration_ms: int
    samples: int = 0
    refused: int = 0
    trouble: str = ""
    detail: str = ""
    seen: list[list[str]] = field(default_factory=list)


def claim_due_targets(now: datetime, *, limit: int, busy: Mapping[int, int]) -> list[ScrapeTarget]:
    """Up to `limit` targets that are due, oldest first, each moved to its next turn; owners loaded.

    `busy` says how many of each owner (`owner_of`) this process has under way.
    """
    if limit <= 0:
        return []
    full = [owner for owner, count in busy.items() if count >= AT_ONCE_PER_OWNER]
    with transaction.atomic():
        due = ScrapeTarget.objects.filter(is_due(now)).annotate(owner=Coalesce("app__customer_id", -F("resource_id")))
        free = due.exclude(owner__in=full).order_by("next_at", "pk")
        locked = free.select_for_update(skip_locked=True, of=("self",)).select_related("app__customer", "resource")
        rows = fair(list(locked[: limit * AT_ONCE_PER_OWNER]), limit, busy)
        for row in rows:
            row.next_at = next_turn(row, now)
            if row.asked_at is not None:  # asked for again unless this pull is recorded by then
                row.asked_at = now + timedelta(seconds=row.timeout_s) + LONGEST_COMMIT
        ScrapeTarget.objects.bulk_update(rows, ["next_at", "asked_at"])
    return rows


def is_due(now: datetime) -> Q:
    """Which targets are to be pulled.

    A turn further ahead than two intervals was given under a clock that has been set back since.
    """
    two = ExpressionWrapper(F("interval_s") * 2 * SECOND, output_field=DurationField())
    two_ahead = ExpressionWrapper(Value(now, output_field=DateTimeField()) + two, output_field=DateTimeField())
    in_turn = Q(paused_at__isnull=True) & (Q(next_at__lte=now) | Q(next_at__gt=two_ahead))
    return in_turn | Q(asked_at__lte=now)


def owner_of(target: ScrapeTarget) -> int:
    """Who waits if this target is slow: the customer, or a resource of the provider as a number below 0."""
    return target.customer_id or -(target.resource_id or 0)


def fair(rows: list[ScrapeTarget], limit: int, busy: Mapping[int, int]) -> list[ScrapeTarget]:
    """Of the due ones those that may go now: no more than AT_ONCE_PER_OWNER of one owner with those under way."""
    going, chosen = dict(busy), list[ScrapeTarget]()
    for row in rows:
        owner = owner_of(row)
        if len(chosen) < limit and going.get(owner, 0) < AT_ONCE_PER_OWNER:
            going[owner] = going.get(owner, 0) + 1
            chosen.append(row)
    return chosen


def next_turn(target: ScrapeTarget, now: datetime) -> datetime:
    """The target's next turn: every interval, each at an offset of its own so that few fire together.

    It is at least half an interval after `now`: a pull that came late or out of turn is not followed at once.
    """
    offset = int.from_bytes(hashlib.sha256(target.ref.encode()).digest()[:8]) / 2**64 * target.interval_s
    turns = math.floor((now.timestamp() - offset) / target.interval_s + 0.5) + 1
    return datetime.fromtimestamp(turns * target.interval_s + offset, UTC)


def credentials_of(target: ScrapeTarget) -> tuple[str, str]:
    """User name and secret in clear. Raises InvalidToken once the installation's secret key was changed."""
    return target.username, unseal(settings.SECRET_KEY, PURPOSE, target.secret) if target.secret else ""


def record_pulls(pulls: list[Pull]) -> None:
    """Write down what pulls came to, each unless its target was changed or taken away since."""
    with transaction.atomic():
        for pull in sorted(pulls, key=lambda pull: pull.target):
            record_pull(pull)


def record_pull(pull: Pull) -> None:
    """One target's state after a pull: since when it is as it is, and why."""
    row = ScrapeTarget.objects.select_for_update().filter(pk=pull.target, revision=pull.revision).first()
    if row is None:
        return
    if pull.trouble:
        row.failing_since, row.up_since = row.failing_since or pull.at, None
    else:
        row.up_since, row.failing_since = row.up_since or pull.at, None
    row.trouble, row.trouble_detail = pull.trouble, pull.detail[:200]
    row.pulled_at, row.duration_ms = pull.at, pull.duration_ms
    row.samples, row.refused = None if pull.trouble else pull.samples, pull.refused
    if row.asked_at is not None:
        row.asked_at, row.seen, row.seen_at = None, pull.seen, pull.at
    row.save()


__all__ = [
    "InvalidToken",
    "Pull",
    "claim_due_targets",
    "credentials_of",
    "next_turn",
    "owner_of",
    "record_pull",
    "record_pulls",
]
