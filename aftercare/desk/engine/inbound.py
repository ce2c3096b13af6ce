"""Working on what came in: each row once, in order, a bad one never in the way of the next."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_noop as _

from aftercare.desk.inward import reader_of
from aftercare.desk.models import Inbound, InboundState
from aftercare.desk.unplaced import NoGroup, park
from aftercare.kernel.errors import Refused

log = logging.getLogger(__name__)

ATTEMPTS = 8
FIRST_RETRY_S = 5
AT_ONCE = 200  # rows of one call, so that the desk's other timed work has its turn


def work_on_inbound(now: datetime) -> int:
    """Work on due rows; returns how many. Any number of processes may call it.

    One row is one transaction: what comes of it and the row's end exist together or not at all.
    """
    worked = 0
    while worked < AT_ONCE:
        inbound_id = None
        try:
            with transaction.atomic():
                row = next_due(now)
                if row is None:
                    return worked
                inbound_id = row.pk
                read(row, now)
        except Exception as error:
            if inbound_id is None:
                raise
            log.exception("inbound %s: it could not be worked on", inbound_id)
            put_off(inbound_id, error, now)
        worked += 1
    return worked


def next_due(now: datetime) -> Inbound | None:
    """The oldest due row, locked."""
    due = Inbound.objects.select_for_update(skip_locked=True, of=("self",)).select_related("account")
    return due.filter(state=InboundState.PENDING, due_at__lte=now).order_by("due_at", "id").first()


def read(row: Inbound, now: datetime) -> None:
    """Hand the row to its channel's reader and keep what came of it."""
    reader = reader_of(row.account.channel)
    try:
        with transaction.atomic():
            message = reader(row, now) if reader else None
        row.state = InboundState.DONE if message else InboundState.IGNORED
        row.message = message
        row.last_error = "" if reader else _("Nothing reads this channel.")
    except NoGroup as missing:
        set_aside(row, missing, now)
    except Refused as refused:
        row.state = InboundState.REFUSED
        row.last_error = refused.sentence[:500]
    row.attempts += 1
    row.save(update_fields=["state", "message", "last_error", "attempts", "unknown_chat"])


def set_aside(row: Inbound, missing: NoGroup, now: datetime) -> None:
    """Keep the row for when its chat is placed, unless too much is kept already."""
    try:
        park(row, missing, now)
    except Refused as refused:
        row.state = InboundState.REFUSED
        row.last_error = refused.sentence[:500]


def put_off(inbound_id: int, error: Exception, now: datetime) -> None:
    """Try again later, or give up; the row and its bytes stay for a person to look at."""
    with transaction.atomic():
        row = Inbound.objects.select_for_update().get(pk=inbound_id)
        row.attempts += 1
        row.last_error = repr(error)[:500]
        row.due_at = now + timedelta(seconds=FIRST_RETRY_S * 2 ** min(row.attempts, 10))
        if row.attempts >= ATTEMPTS:
            row.state = InboundState.REFUSED
        row.save(update_fields=["attempts", "last_error", "due_at", "state"])
