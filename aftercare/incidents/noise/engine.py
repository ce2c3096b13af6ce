"""Looks again at what waits, tells what a silence held when it ends, and ends what has gone quiet.

Each is a transaction of its own: what fails is put off and holds up no other.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from aftercare.incidents.access import open_alerts_of
from aftercare.incidents.actions.ending import end_reason, resolve_incident
from aftercare.incidents.actions.locking import held, hold_place
from aftercare.incidents.actions.opening import open_or_join
from aftercare.incidents.changes.holding import EXPECTING
from aftercare.incidents.models import Flap, HeldBack, Outcome, Silence, Status
from aftercare.incidents.noise.holding import note_over, reasons_to_hold, take_hold
from aftercare.incidents.noise.inhibiting import GRACE
from aftercare.incidents.noise.telling import tell_end
from aftercare.watch.models import ORIGINS, Alert, Severity

log = logging.getLogger(__name__)

BATCH = 500
LEASE = timedelta(seconds=30)
# By then what a silence held is told even where some of it could not be released yet.
TOLD_AT_LATEST = timedelta(minutes=5)


def due(now: datetime) -> QuerySet[HeldBack]:
    """What waits and should be looked at: its silence, or its maintenance, ended or was moved, its parent closed, its
    rule is gone, or it became worse.
    """
    time_is_up = Q(due_at__lte=now) | Q(silence__ends_at__lte=now) | Q(silence__told_at__isnull=False)
    time_is_up |= Q(parent__closed_at__lte=now - GRACE) | Q(rule__removed_at__isnull=False)
    runs_on = Q(change__state__in=EXPECTING, change__starts_at__lte=now, change__ends_at__gte=now)
    time_is_up |= Q(change__isnull=False) & ~runs_on
    waiting = HeldBack.objects.filter(outcome="").filter(Q(retry_at=None) | Q(retry_at__lte=now))
    return waiting.filter(time_is_up).order_by(F("retry_at").asc(nulls_first=True), "pk")


def release_due(now: datetime) -> int:
    """Let go what need not wait any longer, place by place; returns how many alerts were looked at."""
    columns = ("alert__customer", "alert__app", *(f"alert__{name}" for name in ORIGINS))
    places: dict[object, list[int]] = {}
    for pk, customer, app, *origin in due(now).values_list("pk", *columns)[:BATCH]:
        places.setdefault((customer, app) if customer else tuple(origin), []).append(pk)
    looked_at = 0
    for pks in places.values():
        try:
            looked_at += release(pks, now)
        except Exception:
            log.exception("held alerts %s could not be released; put off", pks)
            HeldBack.objects.filter(pk__in=pks, outcome="").update(retry_at=now + LEASE)
    return looked_at


@transaction.atomic
def release(pks: Sequence[int], now: datetime) -> int:
    """Look at alerts of one place again: over, held on for another reason, or into one incident with one page."""
    first = Alert.objects.select_related(*ORIGINS).get(held=pks[0])
    hold_place(first)
    rows = HeldBack.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=pks, outcome="")
    waiting = list(
        rows.select_related("alert__app__customer", "alert__customer", *(f"alert__{name}" for name in ORIGINS))
    )
    note_over(alert_ids=[row.alert_id for row in waiting if not row.alert.is_open], now=now)
    still = [row for row in waiting if row.alert.is_open]
    holds = reasons_to_hold([row.alert for row in still], now)
    for row in still:
        if row.alert_id in holds:
            take_hold(row, holds[row.alert_id])
    free = [row for row in still if row.alert_id not in holds]
    if free:
        HeldBack.objects.filter(pk__in=[row.pk for row in free]).update(outcome=Outcome.JOINED, released_at=now)
        alerts = sorted((row.alert for row in free), key=lambda alert: (alert.severity != Severity.RED, alert.pk))
        open_or_join(alerts, now)
    return len(waiting)


def tell_ends(now: datetime) -> int:
    """Tell of silences that ended, once what they held was looked at; returns how many were told."""
    told = 0
    for pk in list(
        Silence.objects.filter(told_at=None, ends_at__lte=now).order_by("ends_at").values_list("pk", flat=True)[:BATCH]
    ):
        try:
            told += tell_one(pk, now)
        except Exception:
            log.exception("the end of silence %s could not be told; the next look tries again", pk)
    return told


@transaction.atomic
def tell_one(pk: int, now: datetime) -> bool:
    """Tell of one, unless it was extended, another process tells it, or what it held is still to be looked at."""
    silence = Silence.objects.select_for_update(skip_locked=True).filter(pk=pk, told_at=None, ends_at__lte=now).first()
    if silence is None:
        return False
    if now < silence.ends_at + TOLD_AT_LATEST and silence.holds_now.filter(outcome="").exists():
        return False
    tell_end(silence, now)
    silence.told_at = now
    silence.save(update_fields=["told_at"])
    return True


def settle_quiet(now: datetime) -> int:
    """End the incidents that went on and off and have been quiet long enough; returns how many ended."""
    ended = 0
    for pk in list(Flap.objects.filter(quiet_at__lte=now).order_by("quiet_at").values_list("pk", flat=True)[:BATCH]):
        try:
            ended += settle(pk, now)
        except Exception:
            log.exception("what went on and off could not be ended (%s); put off", pk)
            Flap.objects.filter(pk=pk, quiet_at__lte=now).update(quiet_at=now + LEASE)
    return ended


@transaction.atomic
def settle(pk: int, now: datetime) -> bool:
    """End one, unless something of it opened meanwhile or somebody ended it by hand."""
    flap = Flap.objects.select_related("incident", *(f"alert__{name}" for name in ORIGINS)).get(pk=pk)
    hold_place(flap.alert)
    incident = held(flap.incident.ref)
    flap.refresh_from_db(fields=["quiet_at", "close_reason"])
    if incident is None or flap.quiet_at is None or flap.quiet_at > now:
        return False
    flap.quiet_at = None
    if incident.status != Status.RESOLVED and open_alerts_of(incident).exists():
        flap.save(update_fields=["quiet_at"])
        return False
    flap.over_at = now
    flap.save(update_fields=["quiet_at", "over_at"])
    resolve_incident(incident=incident, user=None, reason=end_reason(incident, flap.close_reason), now=now)
    return True


STEPS = (release_due, tell_ends, settle_quiet)
