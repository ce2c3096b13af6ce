"""One message about several things: what waits for the same person on the same way goes together.

Who has heard nothing is still first. But once three or more messages of a kind stand before one phone, chat or mailbox,
one tells of them all: each ring costs a callee's limit, and nobody reads the twentieth mail. Console pushes and
programs' webhooks stay one by one. Each message keeps its own row and its own end; only the sending is shared.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from django.db.models import F, Q, QuerySet

from aftercare.notify.models import Channel, Delivery, State
from aftercare.notify.reach import MAY_BUNDLE, is_to_person

FROM = 3
AT_MOST = 100

Key: TypeAlias = tuple[str, str, int | None, str, str, bool]


def gather(rows: Sequence[Delivery], now: datetime) -> tuple[list[Delivery], dict[int, list[Delivery]]]:
    """Those of these claimed rows that speak, and by their keys what each speaks for besides itself.

    Runs in the claim's transaction; what joins is locked, and written only by `join` once it is sure that its speaker
    goes.
    """
    groups: dict[Key, list[Delivery]] = defaultdict(list)
    for row in filter(may_bundle, rows):
        groups[key_of(row)].append(row)
    spoken_for: dict[int, list[Delivery]] = {}
    silent: set[int] = set()
    for first, *claimed in groups.values():
        waiting = list(waiting_with(first, claimed, now)[: AT_MOST - 1 - len(claimed)])
        together = [*claimed, *(row for row in waiting if may_bundle(row))]
        if 1 + len(together) >= FROM:
            spoken_for[first.pk] = together
            silent |= {row.pk for row in claimed}
    return [row for row in rows if row.pk not in silent], spoken_for


def may_bundle(row: Delivery) -> bool:
    """Whether whoever wrote the message lets it go with others, and its way is one that disturbs somebody."""
    disturbs = row.channel in (Channel.EMAIL, Channel.WEBPUSH) or is_to_person(row)
    return disturbs and bool(row.data.get(MAY_BUNDLE))


def key_of(row: Delivery) -> Key:
    """What rows must have in common to go together."""
    return row.channel, row.address, row.user_id, row.kind, row.urgency, row.repeat


def waiting_with(row: Delivery, claimed: Sequence[Delivery], now: datetime) -> "QuerySet[Delivery]":
    """What is due and could go with this row, locked; those that others hold are passed over."""
    return (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(
            Q(contact=row.contact_id) if row.contact_id else Q(contact=None),
            state=State.PENDING,
            due_at__lte=now,
            channel=row.channel,
            address=row.address,
            user=row.user_id,
            kind=row.kind,
            urgency=row.urgency,
            repeat=row.repeat,
        )
        .exclude(pk__in=[row.pk, *(one.pk for one in claimed)])
        .order_by("due_at", "id")
    )


def join(speaker: Delivery, together: Sequence[Delivery], deadline_at: datetime) -> None:
    """These are being sent with the speaker, until the same deadline."""
    Delivery.objects.filter(pk__in=[row.pk for row in together]).update(
        state=State.SENDING,
        attempts=F("attempts") + 1,
        deadline_at=deadline_at,
        bundle=speaker,
        account=speaker.account_id,
    )
    for row in together:
        row.state, row.attempts = State.SENDING, row.attempts + 1
