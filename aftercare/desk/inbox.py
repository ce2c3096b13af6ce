"""One page of the inbox, whatever its size: found by where the last one ended, never by counting."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from aftercare.accounts.models import User
from aftercare.desk.models import UNSETTLED, Ticket
from aftercare.desk.queries import InboxFilter, narrowed, with_unread

PER_PAGE = 50
COUNTED_TO = 9_999
WAITING, OTHERS = "w", "o"


@dataclass(frozen=True)
class Place:
    """Where a page begins: after this row of those who wait (by their wait), or of the others (newest first)."""

    part: str
    at: datetime
    pk: int

    def as_text(self) -> str:
        """For the address."""
        return base64.urlsafe_b64encode(json.dumps([self.part, self.at.isoformat(), self.pk]).encode()).decode()


def place_of(text: str) -> Place | None:
    """The place that an address names; None, the beginning, for anything that names none."""
    try:
        part, at, pk = json.loads(base64.urlsafe_b64decode(text.encode()[:200]))
        place = Place(str(part), datetime.fromisoformat(at), int(pk))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        return None
    return place if place.part in (WAITING, OTHERS) and place.at.tzinfo and 0 <= place.pk < 2**63 else None


@dataclass(frozen=True)
class InboxPage:
    """Tickets with `is_unread`, and where the next page begins ("" on the last)."""

    rows: list[Ticket]
    next: str

    def __bool__(self) -> bool:
        return bool(self.rows)


def inbox_page(user: User, wanted: InboxFilter, after: Place | None = None, per_page: int = PER_PAGE) -> InboxPage:
    """For the provider those who wait, the longest wait first, then the others; for customers the newest first."""
    rows: list[Ticket] = []
    tickets = narrowed(user, wanted)
    has_queue = user.customer_id is None and wanted.status == "unsettled"
    limit = per_page + 1
    if has_queue and (after is None or after.part == WAITING):
        rows += waiting(tickets, after)[:limit]
        after = None
    if len(rows) < limit:
        rest = tickets.filter(waiting_since=None) if has_queue else tickets
        rows += others(rest, after)[: limit - len(rows)]
    shown = rows[:per_page]
    mark_unread(shown, user)
    more = len(rows) > per_page
    return InboxPage(shown, place_after(shown[-1], has_queue).as_text() if more else "")


def waiting(tickets: QuerySet[Ticket], after: Place | None) -> QuerySet[Ticket]:
    """Those whose customer waits, the longest wait first."""
    tickets = tickets.filter(waiting_since__isnull=False, status__in=UNSETTLED).order_by("waiting_since", "pk")
    if after is None:
        return tickets
    later = Q(waiting_since__gt=after.at) | Q(waiting_since=after.at, pk__gt=after.pk)
    return tickets.filter(later, waiting_since__gte=after.at)  # said twice: the second is what an index can use


def others(tickets: QuerySet[Ticket], after: Place | None) -> QuerySet[Ticket]:
    """The newest first."""
    tickets = tickets.order_by("-updated_at", "-pk")
    if after is None:
        return tickets
    earlier = Q(updated_at__lt=after.at) | Q(updated_at=after.at, pk__lt=after.pk)
    return tickets.filter(earlier, updated_at__lte=after.at)


def place_after(ticket: Ticket, has_queue: bool) -> Place:
    """Where the page after this row begins."""
    if has_queue and ticket.waiting_since is not None:
        return Place(WAITING, ticket.waiting_since, ticket.pk)
    return Place(OTHERS, ticket.updated_at, ticket.pk)


def mark_unread(rows: list[Ticket], user: User) -> None:
    """Give each ticket its `is_unread`, in one query about these alone."""
    ids = [ticket.pk for ticket in rows]
    looked_up = with_unread(Ticket.objects.filter(pk__in=ids).only("pk"), user)
    unread_ids = {ticket.pk for ticket in looked_up if getattr(ticket, "is_unread")}  # noqa: B009 (an annotation)
    for ticket in rows:
        ticket.is_unread = ticket.pk in unread_ids  # type: ignore[attr-defined]


def count_of(user: User, wanted: InboxFilter) -> int:
    """How many fit, exact up to COUNTED_TO; one more than that means "more"."""
    return narrowed(user, wanted).order_by()[: COUNTED_TO + 1].count()
