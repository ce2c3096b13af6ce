"""One change at a time: its lock, its story, its audit."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.incidents.models import Change, ChangeCustomer, ChangeStep
from aftercare.incidents.status.maintenance import step_written
from aftercare.kernel.errors import Refused

REASON_AT_MOST = 500


def held(change: Change, version: int | None = None) -> Change:
    """The change as it is now, locked until the transaction ends: before its notices and tickets.

    Raises Refused where somebody else has changed it since `version` was read.
    """
    row = Change.objects.select_for_update(no_key=True).get(pk=change.pk)
    if version is not None and row.version != version:
        raise Refused(_("Somebody changed this in the meantime. Look at it again; nothing of yours was saved."))
    return row


def active(change: Change) -> list[ChangeCustomer]:
    """The customers that it touches now, by name."""
    rows = change.customers.filter(removed_at=None).select_related("customer", "ticket", "answered_by")
    found = list(rows.order_by("customer__name", "pk"))
    for row in found:
        row.change = change
    return found


def write_step(
    change: Change,
    kind: str,
    *,
    now: datetime,
    actor: User | None = None,
    customer: Customer | None = None,
    **data: Any,
) -> None:
    """Add one line to the story, and let status pages follow. `data` is JSON and holds what its sentence needs."""
    ChangeStep.objects.create(change=change, at=now, kind=kind, actor=actor, customer=customer, data=data)
    step_written(change, kind, now)


def record(
    action: str, change: Change, actor: User | None, now: datetime, customer: Customer | None = None, **detail: object
) -> None:
    """The audit row of a deed."""
    audit.record(
        actor=actor,
        action=f"change.{action}",
        subject=change.ref,
        customer_id=customer.pk if customer else None,
        detail=detail,
        now=now,
    )


def checked_reason(text: str, sentence: str) -> str:
    """The reason as it is kept. Raises Refused with `sentence` where there is none."""
    text = " ".join(text.replace("\x00", "").split())
    if not text:
        raise Refused(sentence)
    return text[:REASON_AT_MOST]
