"""Keeping what search reads: a changed ticket can be found about a second later.

A document is written as a whole, and every word of it goes into the index again, so a busy conversation is written at
most every REST_S seconds, not once for each of its messages. Where no word has changed, only its columns are written.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from aftercare.desk.models import Document, Kind, Unindexed
from aftercare.desk.search.indexing import index_contacts, index_group_days, index_tickets, write_columns

REST_S = 10
AT_ONCE = 100
ROUNDS = 10  # of one call, so that the desk's other timed work has its turn
LOCK = 0x6465736B  # one process writes documents at a time, or an older reading could overwrite a newer one


def index_changed(now: datetime) -> int:
    """Write the documents of what has changed; returns how many. Idempotent: kill it anywhere and run it again."""
    written = 0
    for _round in range(ROUNDS):
        with transaction.atomic():
            if not locked():
                return written
            done = index_some(now)
        if not done:
            return written
        written += done
    return written


def locked() -> bool:
    """Whether this transaction is the one that writes."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def index_some(now: datetime) -> int:
    """One batch: what is in the rows that are taken away is in the documents when the transaction ends."""
    rows = list(Unindexed.objects.filter(Q(due_at=None) | Q(due_at__lte=now)).order_by("pk")[:AT_ONCE])
    if not rows:
        return 0
    tickets = {row.subject_id for row in rows if row.kind == Kind.TICKET and not row.is_wordless}
    write_columns({row.subject_id for row in rows if row.is_wordless} - tickets)
    resting = rest_of(tickets, now)
    index_tickets(tickets - resting.keys(), now)
    index_group_days({(row.subject_id, row.day) for row in rows if row.kind == Kind.GROUP and row.day}, now)
    index_contacts({row.subject_id for row in rows if row.kind == Kind.CONTACT}, now)
    Unindexed.objects.filter(pk__in=[row.pk for row in rows]).delete()
    put_off(resting)
    return len(rows)


def rest_of(tickets: set[int], now: datetime) -> dict[int, datetime]:
    """The tickets whose documents were written a moment ago, and when it is their turn again."""
    fresh = Document.objects.filter(ticket__in=tickets, indexed_at__gt=now - timedelta(seconds=REST_S))
    return {ticket: at + timedelta(seconds=REST_S) for ticket, at in fresh.values_list("ticket_id", "indexed_at")}


def put_off(resting: dict[int, datetime]) -> None:
    """One row for each of them, however often they changed."""
    waiting = Unindexed.objects.filter(subject_id__in=resting, due_at__isnull=False, kind=Kind.TICKET)
    known = set(waiting.values_list("subject_id", flat=True))
    Unindexed.objects.bulk_create(
        Unindexed(kind=Kind.TICKET, subject_id=ticket, due_at=due_at)
        for ticket, due_at in resting.items()
        if ticket not in known
    )
