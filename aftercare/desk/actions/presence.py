"""Coming to the desk, leaving it, and being forgotten at it: each ends one recorded interval and may begin the next."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk.inward import CHANNEL
from aftercare.desk.models import PresenceInterval, PresenceState, Routing
from aftercare.desk.presence import OFF, SILENCE
from aftercare.kernel.errors import Refused


@transaction.atomic
def set_presence(*, user: User, state: str, by: User | None = None, now: datetime) -> None:
    """Be `on`, `away` or `off` from now on; the interval before ends here. `by` None: they say it themselves.

    Who comes on is asked again for tickets that they let lie. Raises Refused for any other word, and for customers.
    """
    if state not in (*PresenceState.values, OFF):
        raise Refused(_("Choose on, away or off."))
    if not user.is_provider:
        raise Refused(_("Only colleagues can be at the desk."))
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two tabs of one person, one after the other
    going = PresenceInterval.objects.filter(user=user, ended_at__isnull=True).first()
    if (going.state if going else OFF) == state:
        touch_presence(user=user, now=now)
        return
    if going is not None:
        going.ended_at = max(now, going.started_at)
        going.save(update_fields=["ended_at"])
    if state != OFF:
        PresenceInterval.objects.create(user=user, state=state, started_at=now, seen_at=now)
    if state == PresenceState.ON:
        ask_again(user)
        wake_routing()
    audit.record(
        actor=by or user, action="presence.set", subject=user.ref, customer_id=None, detail={"state": state}, now=now
    )


def ask_again(user: User) -> None:
    """Let waiting tickets that this person passed over come to them once more."""
    for waiting in Routing.objects.filter(waiting_since__isnull=False, passed_over__contains=user.pk):
        waiting.passed_over = [other for other in waiting.passed_over if other != user.pk]
        waiting.save(update_fields=["passed_over"])


def wake_routing() -> None:
    """Tell the engine, when the present transaction commits, that somebody is free or a ticket waits."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def touch_presence(*, user: User, now: datetime) -> None:
    """A sign of life of the person's console: it keeps an interval open and opens none."""
    PresenceInterval.objects.filter(user=user, ended_at__isnull=True, seen_at__lt=now).update(seen_at=now)


@transaction.atomic
def end_forgotten(now: datetime) -> int:
    """End the intervals whose console has gone silent, at its last sign of life; returns how many."""
    silent = PresenceInterval.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user")
    ended = list(silent.filter(ended_at__isnull=True, seen_at__lte=now - SILENCE)[:100])
    for interval in ended:
        interval.ended_at = interval.seen_at
        interval.save(update_fields=["ended_at"])
        detail = {"state": OFF, "from": interval.seen_at.isoformat()}
        audit.record(
            actor=None, action="presence.silent", subject=interval.user.ref, customer_id=None, detail=detail, now=now
        )
    return len(ended)
