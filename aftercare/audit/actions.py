"""Writing to the audit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from aftercare.audit.models import Entry


class Actor(Protocol):
    """The person behind a write, as far as the audit cares."""

    @property
    def pk(self) -> Any: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...


def record(
    *,
    actor: Actor | None,
    action: str,
    subject: str,
    customer_id: int | None,
    detail: Mapping[str, Any],
    now: datetime,
) -> Entry:
    """Append one row in the caller's transaction. `actor` is None for what the system did by itself.

    `action` is noun and verb ("ticket.reply"), `subject` the public ref of the thing; `detail` must be JSON and hold
    no secret and no end user's identifier.
    """
    return Entry.objects.create(
        at=now,
        action=action,
        subject=subject,
        actor_id=actor.pk if actor else None,
        actor_name=actor.name if actor else "",
        actor_role=actor.role if actor else "",
        customer_id=customer_id,
        detail=dict(detail),
    )
