"""Taking complaints in, and forgetting an end user's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from aftercare.accounts.models import App, User
from aftercare.accounts.queries import user_hash
from aftercare.audit import actions as audit
from aftercare.desk.complaints.reading import BadLine, read_csv
from aftercare.desk.complaints.rows import Told
from aftercare.desk.models import Complaint, ComplaintWay

BATCH = 2_000
TOLD_ERRORS = 200


@dataclass
class Taken:
    """What became of a batch or a file: new ones, ones that were known by their id, and lines that were not taken."""

    new: int = 0
    known: int = 0
    bad: int = 0
    errors: list[BadLine] = field(default_factory=list)


@transaction.atomic
def take_complaints(*, app: App, rows: Sequence[Told], way: str, now: datetime) -> tuple[int, int]:
    """Keep complaints of `app`; returns how many were new and how many known by their id. Users are hashed here.

    One that is here already stays as it is, an erased one erased.
    """
    once = {row.external_id: row for row in rows}
    hashes = [user_hash(app.customer, row.user).hex() if row.user else "" for row in once.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO desk_complaint
                   (customer_id, app_id, external_id, at, user_hash, kind, stream, words, way, received_at)
               SELECT %s, %s, told.external_id, told.at, told.user_hash, told.kind, told.stream, told.words, %s, %s
               FROM unnest(%s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[])
                   AS told (external_id, at, user_hash, kind, stream, words)
               ON CONFLICT DO NOTHING""",
            [
                *(app.customer_id, app.pk, way, now),
                list(once),
                [row.at for row in once.values()],
                hashes,
                [row.kind for row in once.values()],
                [row.stream for row in once.values()],
                [row.words for row in once.values()],
            ],
        )
        new = cursor.rowcount
    return new, len(rows) - new


def take_file(*, app: App, chunks: Iterable[bytes], actor: User, now: datetime) -> Taken:
    """Take a CSV in, a batch at a time: what was good before a fault stays. Raises Refused for a file that is none."""
    taken, batch = Taken(), list[Told]()
    zone = ZoneInfo(app.customer.timezone)
    try:
        for row in read_csv(chunks, zone=zone, now=now):
            if isinstance(row, BadLine):
                taken.bad += 1
                if taken.bad <= TOLD_ERRORS:
                    taken.errors.append(row)
                continue
            batch.append(row)
            if len(batch) == BATCH:
                keep_batch(app, batch, taken, now)
                batch = []
    finally:
        keep_batch(app, batch, taken, now)
        if taken.new:
            detail = {"new": taken.new, "known": taken.known, "bad": taken.bad}
            audit.record(
                actor=actor,
                action="complaint.upload",
                subject=app.ref,
                customer_id=app.customer_id,
                detail=detail,
                now=now,
            )
    return taken


def keep_batch(app: App, batch: list[Told], taken: Taken, now: datetime) -> None:
    """One transaction's worth."""
    if batch:
        new, known = take_complaints(app=app, rows=batch, way=ComplaintWay.CSV, now=now)
        taken.new += new
        taken.known += known


def erase_complaints(*, customer_id: int, user: str, now: datetime) -> int:
    """Forget who complained and what they said, where it is this user (by hash); the counts stay. Returns how many."""
    theirs = Complaint.objects.filter(customer_id=customer_id, user_hash=user)
    return theirs.update(user_hash="", words="", stream="", erased_at=now)
