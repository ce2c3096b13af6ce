"""The door through which every alert goes that opens: those that should wait are kept here and open nothing.

Why an alert waits is asked of HOLDERS, in their order; another reason to wait is one more line there, and one in
`may_hold`. A holder that fails holds nothing: somebody is called rather than nobody.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from aftercare.incidents.changes.holding import expecting
from aftercare.incidents.models import HeldBack, InhibitionRule, Outcome
from aftercare.incidents.noise.inhibiting import inhibited
from aftercare.incidents.noise.maintaining import maintained
from aftercare.incidents.noise.silencing import running, silenced
from aftercare.incidents.noise.types import Hold, Holder
from aftercare.watch.models import Alert

log = logging.getLogger(__name__)

HOLDERS: tuple[Holder, ...] = (silenced, inhibited, maintained)


def reasons_to_hold(alerts: Sequence[Alert], now: datetime) -> dict[int, Hold]:
    """Why these alerts should wait, by their primary keys; those that should not are missing.

    Each comes with its app, customer and origin.
    """
    found: dict[int, Hold] = {}
    for holder in HOLDERS:
        free = [alert for alert in alerts if alert.pk not in found]
        if free:
            found |= asked(holder, free, now)
    return found


def asked(holder: Holder, alerts: Sequence[Alert], now: datetime) -> Mapping[int, Hold]:
    """What one holder says; nothing where it fails."""
    try:
        with transaction.atomic():
            return holder(alerts, now)
    except Exception:
        log.exception("%s could not say which alerts wait; none of them does", holder)
        return {}


def hold_back(alerts: Sequence[Alert], now: datetime) -> list[Alert]:
    """Keep those that should wait; returns the others. One that was held before is not asked about twice.

    The alerts' place is locked by the caller.
    """
    if not may_hold(alerts, now):
        return list(alerts)
    known = set(HeldBack.objects.filter(alert__in=alerts).values_list("alert", flat=True))
    fresh = [alert for alert in alerts if alert.pk not in known]
    holds = reasons_to_hold(fresh, now)
    for alert in fresh:
        if alert.pk in holds:
            take_hold(HeldBack(alert=alert, held_at=now), holds[alert.pk])
    return [alert for alert in fresh if alert.pk not in holds]


def may_hold(alerts: Sequence[Alert], now: datetime) -> bool:
    """Whether there is anything at all by which one of them may wait, or did: one question, for on most days there is
    nothing, and every alert comes through here.
    """
    kept = HeldBack.objects.filter(alert__in=alerts)
    grounds = (running(now), InhibitionRule.objects.filter(removed_at=None), expecting(now))
    ways = [rows.order_by().values("pk") for rows in grounds]
    return kept.order_by().values("pk").union(*ways, all=True).exists()


def take_hold(row: HeldBack, hold: Hold) -> None:
    """The alert waits, or waits on, for this reason."""
    row.reason, row.due_at, row.retry_at = hold.reason, None, None
    row.silence_id, row.change_id = hold.silence_id, hold.change_id
    row.rule_id, row.parent_id = hold.rule_id, hold.parent_id
    row.save()
    if hold.silence_id is not None:
        row.silences.add(hold.silence_id)


def look_again(*, alert_ids: Sequence[int], now: datetime) -> int:
    """Look at these alerts again at once, for they became worse; returns how many wait."""
    return HeldBack.objects.filter(outcome="", alert__in=alert_ids).update(due_at=now)


def note_over(*, alert_ids: Sequence[int], now: datetime) -> int:
    """Alerts closed while they waited: nobody was called for them; returns how many. Twice counts once."""
    waiting = HeldBack.objects.filter(alert__in=alert_ids, outcome="")
    return waiting.update(outcome=Outcome.OVER, released_at=now)
