"""Making, changing, pausing and deleting heartbeats, each in one transaction with its audit row.

Where one stands and what it is are changed under the lock of its state, which pings and the engine take too.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import App, Customer, User
from aftercare.audit.actions import record
from aftercare.kernel.errors import Refused
from aftercare.watch.heartbeats.alerting import end_alert, follow
from aftercare.watch.heartbeats.checks import check
from aftercare.watch.heartbeats.judging import judge
from aftercare.watch.heartbeats.keys import KEYS_CHANNEL, new_key
from aftercare.watch.heartbeats.types import HeartbeatFacts, facts_of
from aftercare.watch.models import (
    CloseReason,
    Heartbeat,
    HeartbeatChange,
    HeartbeatState,
    HeartbeatStatus,
    Reason,
)

MOST_OF_ONE = 500
# Changing one of these asks another question: what came so far says nothing about when the next has to come.
SCHEDULE = ("every_s", "cron", "timezone", "grace_s", "longest_run_s")


def create_heartbeat(
    *, customer: Customer | None, app: App | None, facts: HeartbeatFacts, actor: User | None, now: datetime
) -> Heartbeat:
    """Add a heartbeat, the provider's own without a customer; `app` is one of the customer's or None.

    Raises Refused when its settings make no sense or its owner has MOST_OF_ONE of them.
    """
    check(facts, now)
    with transaction.atomic():
        require_room(customer)
        fingerprint, sealed = new_key()
        heartbeat = Heartbeat.objects.create(
            customer=customer,
            app=app,
            key_fingerprint=fingerprint,
            key_sealed=sealed,
            key_made_at=now,
            created_at=now,
            **facts.as_dict(),
        )
        HeartbeatState.objects.create(heartbeat=heartbeat, changed_at=now)
        write_audit("create", heartbeat, actor, facts.as_dict(), now)
        notify_keys_changed()
    return heartbeat


def require_room(customer: Customer | None) -> None:
    """Lock the owner. Raises Refused when it has as many heartbeats as there can be."""
    if customer is not None:
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if Heartbeat.objects.filter(customer=customer, deleted_at=None).count() >= MOST_OF_ONE:
        raise Refused(_("There are %(most)d heartbeats here, the most there can be.") % {"most": MOST_OF_ONE})


def edit_heartbeat(*, heartbeat: Heartbeat, facts: HeartbeatFacts, actor: User | None, now: datetime) -> Heartbeat:
    """Change a heartbeat. Raises Refused when its settings make no sense or it was deleted meanwhile.

    Another schedule, grace or longest run counts anew from now, and closes an open alert; with another name or severity
    it stays open, and speaks up where it is red now.
    """
    check(facts, now)
    with transaction.atomic():
        state = lock_state(heartbeat)
        locked = state.heartbeat
        before = facts_of(locked).as_dict()
        changed = {name: value for name, value in facts.as_dict().items() if value != before[name]}
        if not changed:
            return locked
        for name, value in changed.items():
            setattr(locked, name, value)
        locked.save(update_fields=list(changed))
        if set(changed) & set(SCHEDULE) and state.status != HeartbeatStatus.PAUSED:
            count_anew(state, Reason.EDITED, CloseReason.EDITED, now)
        elif state.status == HeartbeatStatus.DOWN:
            follow(state, state.status, now)
        write_audit(
            "edit", locked, actor, {"changed": {name: [before[name], value] for name, value in changed.items()}}, now
        )
    return locked


def pause_heartbeat(*, heartbeat: Heartbeat, actor: User | None, now: datetime) -> None:
    """Wait for nothing; pings are still kept. An open alert is closed. Pausing twice changes nothing.

    Raises Refused when it was deleted.
    """
    with transaction.atomic():
        state = lock_state(heartbeat)
        if state.status == HeartbeatStatus.PAUSED:
            return
        end_alert(state.heartbeat, CloseReason.DISABLED, now)
        move(state, HeartbeatStatus.PAUSED, Reason.PAUSED, now)
        state.due_at = None
        state.save()
        write_audit("pause", state.heartbeat, actor, {}, now)


def resume_heartbeat(*, heartbeat: Heartbeat, actor: User | None, now: datetime) -> None:
    """Wait for pings again, the schedule counting from now. Raises Refused when it was deleted."""
    with transaction.atomic():
        state = lock_state(heartbeat)
        if state.status != HeartbeatStatus.PAUSED:
            return
        count_anew(state, Reason.RESUMED, CloseReason.DISABLED, now)
        write_audit("resume", state.heartbeat, actor, {}, now)


def rotate_key(*, heartbeat: Heartbeat, actor: User | None, now: datetime) -> Heartbeat:
    """Give it another address; the old one is worth nothing from now on. Raises Refused when it was deleted."""
    with transaction.atomic():
        locked = lock_state(heartbeat).heartbeat
        locked.key_fingerprint, locked.key_sealed = new_key()
        locked.key_made_at = now
        locked.save(update_fields=["key_fingerprint", "key_sealed", "key_made_at"])
        write_audit("rotate", locked, actor, {}, now)
        notify_keys_changed()
    return locked


def delete_heartbeat(*, heartbeat: Heartbeat, actor: User | None, now: datetime) -> None:
    """Take a heartbeat away, its address with it; an open alert is closed. Raises Refused when it was deleted."""
    with transaction.atomic():
        state = lock_state(heartbeat)
        state.heartbeat.deleted_at = now
        state.heartbeat.save(update_fields=["deleted_at"])
        state.due_at = None
        state.save(update_fields=["due_at"])
        end_alert(state.heartbeat, CloseReason.DELETED, now)
        write_audit("delete", state.heartbeat, actor, {}, now)
        notify_keys_changed()


def lock_state(heartbeat: Heartbeat) -> HeartbeatState:
    """The state under its lock, with the heartbeat as it is now. Raises Refused when that was deleted."""
    state = HeartbeatState.objects.select_for_update(no_key=True).get(pk=heartbeat.pk)
    state.heartbeat = Heartbeat.objects.select_related("customer", "app").get(pk=heartbeat.pk)
    if state.heartbeat.deleted_at is not None:
        raise Refused(_("This heartbeat has been deleted."))
    return state


def count_anew(state: HeartbeatState, reason: Reason, closing: CloseReason, now: datetime) -> None:
    """Begin the count at `now`, as if nothing had been missed; one that was never pinged still waits for its first.

    A run that is on is forgotten, and so is a failure: the next ping says how it is.
    """
    end_alert(state.heartbeat, closing, now)
    state.counted_from = now if state.last_ok_at or state.failed_at or state.started_at or state.counted_from else None
    state.started_at, state.started_rid, state.failed_at = None, "", None
    move(state, HeartbeatStatus.NEW, reason, now)
    state.due_at = judge(state.heartbeat, state, now).due_at
    state.save()


def move(state: HeartbeatState, to: HeartbeatStatus, reason: Reason, now: datetime) -> None:
    """Put it there, and write so into its history; the caller saves the state."""
    HeartbeatChange.objects.create(heartbeat_id=state.pk, at=now, from_status=state.status, to_status=to, reason=reason)
    state.status, state.reason, state.changed_at = to, reason, now


def notify_keys_changed() -> None:
    """Tell the front doors, when this transaction commits, to read the keys again."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, '')", [KEYS_CHANNEL])


def write_audit(
    verb: str, heartbeat: Heartbeat, actor: User | None, detail: Mapping[str, object], now: datetime
) -> None:
    """The audit row of one change; the key is in none."""
    record(
        actor=actor,
        action=f"heartbeat.{verb}",
        subject=heartbeat.ref,
        customer_id=heartbeat.customer_id,
        detail={"name": heartbeat.name, **detail},
        now=now,
    )
