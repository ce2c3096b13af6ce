"""Making, changing, pausing and deleting probe targets, each in one transaction with its audit row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import App, User
from aftercare.audit.actions import record
from aftercare.kernel.errors import Refused
from aftercare.watch.models import ProbeTarget
from aftercare.watch.probes.checks import check
from aftercare.watch.probes.types import ProbeFacts, facts_of

MOST_PER_APP = 100


def create_target(*, app: App, facts: ProbeFacts, actor: User | None, now: datetime) -> ProbeTarget:
    """Add a target. Raises Refused when its settings make no sense or the app has MOST_PER_APP of them."""
    check(facts)
    with transaction.atomic():
        App.objects.select_for_update(no_key=True).get(pk=app.pk)
        if ProbeTarget.objects.filter(app=app, deleted_at=None).count() >= MOST_PER_APP:
            raise Refused(_("This app has %(most)d probe targets, the most there can be.") % {"most": MOST_PER_APP})
        target = ProbeTarget.objects.create(app=app, customer_id=app.customer_id, created_at=now, **facts.as_dict())
        write_audit("create", target, actor, {}, now)
    return target


def edit_target(*, target: ProbeTarget, facts: ProbeFacts, actor: User | None, now: datetime) -> ProbeTarget:
    """Change a target. Raises Refused when its settings make no sense or it was deleted meanwhile."""
    check(facts)
    with transaction.atomic():
        locked = lock(target)
        before = facts_of(locked).as_dict()
        changed = [name for name, value in facts.as_dict().items() if value != before[name]]
        if changed:
            for name in changed:
                setattr(locked, name, getattr(facts, name))
            locked.save(update_fields=changed)
            write_audit("edit", locked, actor, {"changed": changed}, now)
    return locked


def pause_target(*, target: ProbeTarget, actor: User | None, now: datetime) -> None:
    """Let agents leave it alone. Pausing twice changes nothing. Raises Refused when it was deleted."""
    with transaction.atomic():
        locked = lock(target)
        if locked.paused_at is None:
            locked.paused_at = now
            locked.save(update_fields=["paused_at"])
            write_audit("pause", locked, actor, {}, now)


def resume_target(*, target: ProbeTarget, actor: User | None, now: datetime) -> None:
    """Let agents look at it again. Raises Refused when it was deleted."""
    with transaction.atomic():
        locked = lock(target)
        if locked.paused_at is not None:
            locked.paused_at = None
            locked.save(update_fields=["paused_at"])
            write_audit("resume", locked, actor, {}, now)


def delete_target(*, target: ProbeTarget, actor: User | None, now: datetime) -> None:
    """Take a target away. Raises Refused when it was deleted already."""
    with transaction.atomic():
        locked = lock(target)
        locked.deleted_at = now
        locked.save(update_fields=["deleted_at"])
        write_audit("delete", locked, actor, {}, now)


def lock(target: ProbeTarget) -> ProbeTarget:
    """The target as it is now, under its lock. Raises Refused when it is gone."""
    locked = ProbeTarget.objects.select_for_update(no_key=True).get(pk=target.pk)
    if locked.deleted_at is not None:
        raise Refused(_("This probe target has been deleted."))
    return locked


def write_audit(verb: str, target: ProbeTarget, actor: User | None, more: Mapping[str, Any], now: datetime) -> None:
    """The audit row of one change. Only the address's host: a push address ends in the stream's key."""
    record(
        actor=actor,
        action=f"probe.{verb}",
        subject=target.ref,
        customer_id=target.customer_id,
        detail={"name": target.name, "kind": target.kind, "host": host_of(target.address), **more},
        now=now,
    )


def host_of(address: str) -> str:
    """The host of an address, which may be a host alone."""
    return urlsplit(address if "://" in address else f"//{address}").hostname or ""
