"""Tells customers what is due: one customer a transaction, so that one that fails holds nobody.

Whatever is due at once for one customer is one message: an engine that stood still makes no burst.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from aftercare.desk import actions as desk
from aftercare.desk.models import Status, Ticket
from aftercare.incidents.changes.story import write_step
from aftercare.incidents.changes.words import notice_words, ticket_title
from aftercare.incidents.models import Change, ChangeCustomer, ChangeNotice, NoticeKind
from aftercare.web.languages import in_both

log = logging.getLogger(__name__)

AT_ONCE = 200
AGAIN_AFTER = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=10)
REASON_AT_MOST = 200
LAST_WORDS = (NoticeKind.DONE, NoticeKind.ROLLED_BACK, NoticeKind.CANCELLED, NoticeKind.FREED)


def tell_notices(now: datetime) -> int:
    """Tell the customers who are due; returns how many were told. Safe to run in several processes."""
    told = 0
    for _one in range(AT_ONCE):
        pk = None
        try:
            with transaction.atomic():
                change = next_change(now)
                if change is None:
                    return told
                notice = due_notices(now).filter(touched__change=change).order_by("due_at", "pk").first()
                if notice is None:
                    continue  # another process was faster, between our two looks
                pk = notice.pk
                told += tell(notice.touched, change, now)
        except Exception as error:
            if pk is None:
                raise
            log.exception("notice %s failed; tried again later", pk)
            put_off(pk, error, now)
    return told


def due_notices(now: datetime) -> QuerySet[ChangeNotice]:
    """What should have been told by now."""
    due = ChangeNotice.objects.filter(told_at=None, dropped_at=None, due_at__lte=now)
    return due.select_related("touched__customer", "touched__ticket")


def next_change(now: datetime) -> Change | None:
    """A change with something to tell, locked: nobody moves its window while a customer hears of it."""
    waiting = due_notices(now).values("touched__change")
    free = Change.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).filter(pk__in=waiting)
    return free.order_by("pk").first()


def tell(touched: ChangeCustomer, change: Change, now: datetime) -> int:
    """All that is due for this customer, as one message in its ticket; how many were told."""
    touched.change = change
    due = list(due_notices(now).filter(touched=touched).order_by("pk"))
    notices = [one for one in due if not is_overtaken(one, change, now)]
    drop = {one.pk for one in due} - {one.pk for one in notices}
    ChangeNotice.objects.filter(pk__in=drop).update(dropped_at=now)
    if not notices:
        return 0
    lead = leading(notices)
    say(touched, change, lead, now)
    for notice in notices:
        notice.told_at, notice.is_folded = now, notice.pk != lead.pk
        notice.save(update_fields=["told_at", "is_folded"])
    if touched.heard_at is None:
        touched.heard_at = now
    touched.save(update_fields=["heard_at", "ticket"])
    write_step(change, "told", now=now, customer=touched.customer, notice=lead.kind)
    return 1


def is_overtaken(notice: ChangeNotice, change: Change, now: datetime) -> bool:
    """Whether there is nothing to announce any more: the window is over."""
    return notice.kind in (NoticeKind.AHEAD, NoticeKind.MOVED) and now >= change.ends_at


def leading(notices: Sequence[ChangeNotice]) -> ChangeNotice:
    """The one that is said: the newest word, before any notice in advance; of those, the last one before the begin."""
    return max(notices, key=lambda one: (one.kind != NoticeKind.AHEAD, one.planned_at, one.pk))


def say(touched: ChangeCustomer, change: Change, notice: ChangeNotice, now: datetime) -> None:
    """The words in the customer's ticket about the change; without one that can be spoken in, in a new one.

    With its last words the ticket is settled, unless the customer waits for an answer in it.
    """
    body, body_zh = in_both(lambda: notice_words(notice.kind, change, touched.customer, touched.declined))
    ticket = touched.ticket
    if ticket is None or ticket.status == Status.CLOSED:
        touched.ticket = ticket = open_ticket(touched, change, body, body_zh, now)
    else:
        desk.tell_ticket(ticket=ticket, body=body, body_zh=body_zh, now=now)
    if notice.kind in LAST_WORDS and not is_waiting(ticket):
        desk.resolve_ticket(ticket=ticket, user=None, now=now)


def open_ticket(touched: ChangeCustomer, change: Change, body: str, body_zh: str, now: datetime) -> Ticket:
    """The customer's ticket about the change."""
    title, title_zh = in_both(lambda: ticket_title(change))
    return desk.open_ticket(
        customer_id=touched.customer_id,
        app_id=None,
        title=title[:200],
        title_zh=title_zh[:200],
        severity="P4",
        body=body,
        body_zh=body_zh,
        opened_by=change.owner,  # a word of ours: nobody waits for a first reply to it
        now=now,
    )


def is_waiting(ticket: Ticket) -> bool:
    """Whether the customer has said something in it that nobody has answered."""
    return ticket.messages.filter(side="customer").exists() and ticket.status == Status.OPEN


def put_off(pk: int, error: Exception, now: datetime) -> None:
    """Again later, each time a little later; the page says so and why."""
    row = ChangeNotice.objects.get(pk=pk)
    row.tries += 1
    row.due_at = now + min(AGAIN_AFTER * row.tries, LONGEST_WAIT)
    row.reason = (str(error) or type(error).__name__)[:REASON_AT_MOST]
    row.save(update_fields=["tries", "due_at", "reason"])
