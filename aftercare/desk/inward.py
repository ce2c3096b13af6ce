"""Every way in from outside: kept first, answered then, worked on after.

A way in has two halves. Whoever hears (a webhook's view, a mail server, a poller) checks that the sender is who it says
and calls `take_in`; once that commits, the vendor may be told that we have it. The engine hands each row to the
function that its account's channel registered here, in a transaction of its own, in the order of their coming.
"""

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from aftercare.desk.models import Inbound, Message
from aftercare.notify.models import Account

CHANNEL = "aftercare_inbound"
DEEPEST = 40  # levels of a vendor's JSON that are kept
HEARD_EVERY = timedelta(seconds=5)

# Returns the message that came of it, None where it asks for nothing. Raises Refused with the sentence that is kept
# when it can never be read; anything else that it raises is tried again.
Reader = Callable[[Inbound, datetime], Message | None]

_readers: dict[str, Reader] = {}


def read_with(channel: str, reader: Reader) -> None:
    """At start-up: let `reader` work on what accounts of this channel take in."""
    _readers[channel] = reader


def reader_of(channel: str) -> Reader | None:
    """Who works on this channel's rows."""
    return _readers.get(channel)


def take_in(
    *,
    account: Account,
    provider_message_id: str,
    kind: str = "message",
    payload: Mapping[str, Any] | None = None,
    raw: bytes | None = None,
    now: datetime,
) -> bool:
    """Keep what came; False when it is here already. It is kept when the caller's transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO desk_inbound (account_id, provider_message_id, kind, payload, raw, state, attempts, due_at,
                                         last_error, received_at)
               VALUES (%s, %s, %s, %s::jsonb, %s, 'pending', 0, %s, '', %s) ON CONFLICT DO NOTHING""",
            [account.pk, provider_message_id[:200], kind, json.dumps(storable(dict(payload or {}))), raw, now, now],
        )
        is_new: bool = cursor.rowcount == 1
        cursor.execute(f"NOTIFY {CHANNEL}")
    # Not for every row: whoever changes the account's row holds up all others until its commit is on disk.
    stale = Q(last_heard_at=None) | Q(last_heard_at__lt=now - HEARD_EVERY)
    Account.objects.filter(stale, pk=account.pk).update(last_heard_at=now)
    return is_new


def storable(value: Any, depth: int = 0) -> Any:
    """JSON as PostgreSQL takes it: no NUL, no half of a surrogate pair, no NaN, nothing deeper than DEEPEST."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode(errors="replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict | list) and depth >= DEEPEST:
        return None
    if isinstance(value, dict):
        return {storable(str(key)): storable(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner, depth + 1) for inner in value]
    return value
