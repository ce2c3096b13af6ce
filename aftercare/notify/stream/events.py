"""The text of one person's event stream."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection

from aftercare.notify.envelope import title_of
from aftercare.notify.models import Channel, Delivery, State
from aftercare.notify.stream.hub import Hub

HEARTBEAT_S = 15.0
LONGEST_S = 3600.0
MISSED_AT_MOST = 200
# Two pushes may commit in another order than their instants; a resuming reader gets this much again and skips
# what it knows by its ref.
OVERLAP = timedelta(seconds=5)
HELLO = b"retry: 2000\n\n: hello\n\n"
HEARTBEAT = b": here\n\n"
RESYNC = b'data: {"kind":"resync"}\n\n'


async def event_stream(hub: Hub, user_id: int, last_ref: str) -> AsyncIterator[bytes]:
    """Events of this person from now on, and those after `last_ref` where the reader says what it saw last.

    Ends when the server stops, after an hour (so that a sign-out takes hold), or when the reader lags too far behind.
    """
    subscription = await hub.subscribe(user_id)
    ends = time.monotonic() + LONGEST_S
    try:
        yield HELLO
        if last_ref:
            for event in await sync_to_async(missed_events)(user_id, last_ref):
                yield event
        while time.monotonic() < ends:
            try:
                item = await asyncio.wait_for(subscription.queue.get(), HEARTBEAT_S)
            except TimeoutError:
                yield HEARTBEAT
                continue
            if item is None:
                return
            if isinstance(item, dict):
                yield passing_text(item)
                continue
            for event in await sync_to_async(events_of)(user_id, item):
                yield event
    finally:
        hub.unsubscribe(subscription)


def passing_text(event: dict[str, Any]) -> bytes:
    """An event that nobody can miss, since it is worth nothing later: without an id."""
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


def events_of(user_id: int, delivery_id: int) -> list[bytes]:
    """The event of one sent push, nothing if it is not this person's or the person may no longer sign in."""
    rows = Delivery.objects.filter(pk=delivery_id, user_id=user_id, user__is_active=True, state=State.SENT)
    return written(list(rows.select_related("user")))


def missed_events(user_id: int, last_ref: str) -> list[bytes]:
    """What was pushed to this person since the delivery with this ref; RESYNC when that cannot be told."""
    try:
        seen_at = sent_at_of(user_id, last_ref)
        if seen_at is None:
            return [RESYNC]
        rows = Delivery.objects.filter(
            user_id=user_id,
            user__is_active=True,
            channel=Channel.PUSH,
            state=State.SENT,
            sent_at__gte=seen_at - OVERLAP,
        ).exclude(ref=last_ref)
        return written(list(rows.select_related("user").order_by("sent_at", "id")[:MISSED_AT_MOST]))
    finally:
        connection.close()


def sent_at_of(user_id: int, ref: str) -> datetime | None:
    """When this person's push with this ref went out, None when there is none."""
    return (
        Delivery.objects.filter(ref=ref, user_id=user_id, channel=Channel.PUSH)
        .values_list("sent_at", flat=True)
        .first()
    )


def written(rows: list[Delivery]) -> list[bytes]:
    """Rows as server-sent events. The database connection goes back to the pool: a stream must not hold one."""
    connection.close()
    return [event_text(row) for row in rows]


def event_text(delivery: Delivery) -> bytes:
    """One event: its id is the delivery's ref, its data one line of JSON; `kind` says what it is about."""
    data: dict[str, Any] = {
        "ref": delivery.ref,
        "kind": delivery.kind,
        "subject": delivery.subject_ref,
        "title": title_of(delivery, delivery.user.language if delivery.user else ""),
        "body": delivery.body,
        "url": delivery.url_path,
        "urgency": delivery.urgency,
        "repeat": delivery.repeat,
        "at": delivery.created_at.isoformat(),
    }
    return f"id: {delivery.ref}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
