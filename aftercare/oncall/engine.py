"""Advancing pages that nobody has acknowledged, and proving that none was forgotten."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from aftercare.audit import actions as audit
from aftercare.oncall.models import Page, PageAudit, PageState
from aftercare.oncall.steps import take_step

log = logging.getLogger(__name__)

PUT_OFF_S = 30
LATE_AFTER_S = 60
AUDITS_KEPT_FOR = timedelta(days=7)


def process_due(now: datetime) -> int:
    """Take the next step of every open page that is due; returns how many. Any number of processes may call it.

    Each page is one transaction: the outbox rows and the next due time exist together or not at all. A page that
    raises is put off and does not hold the others.
    """
    taken = 0
    while True:
        page_id = None
        try:
            with transaction.atomic():
                page = due_page(now)
                if page is None:
                    return taken
                page_id = page.pk
                take_step(page, now)
                taken += 1
        except Exception:
            if page_id is None:
                raise
            log.exception("page %s: its step failed; put off", page_id)
            put_off(page_id, now)


def due_page(now: datetime) -> Page | None:
    """The page that has been due longest, locked; None when none is or others hold them."""
    due = Page.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state=PageState.OPEN, next_step_at__lte=now
    )
    return due.order_by("next_step_at", "id").first()


def put_off(page_id: int, now: datetime) -> None:
    """Try this page's step again in PUT_OFF_S."""
    later = now + timedelta(seconds=PUT_OFF_S)
    Page.objects.filter(pk=page_id, state=PageState.OPEN).update(next_step_at=later)


@transaction.atomic
def audit_open_pages(now: datetime) -> list[Page]:
    """Look at every open page: each must have a next step that is not overdue by more than LATE_AFTER_S.

    Returns those that do not, keeps the finding as a PageAudit row and in the audit, and gives a page without a next
    step one that is due now.
    """
    open_pages = Page.objects.filter(state=PageState.OPEN)
    late = now - timedelta(seconds=LATE_AFTER_S)
    forgotten = list(open_pages.filter(next_step_at=None))
    overdue = list(open_pages.filter(next_step_at__lt=late))
    offending = forgotten + overdue
    PageAudit.objects.create(at=now, open_pages=open_pages.count(), offending=[page.ref for page in offending])
    PageAudit.objects.filter(at__lt=now - AUDITS_KEPT_FOR).delete()
    for page in forgotten:
        open_pages.filter(pk=page.pk, next_step_at=None).update(next_step_at=now)
    for page in offending:
        log.error("page %s is open and its next step is %s", page.ref, page.next_step_at or "missing")
        audit.record(
            actor=None,
            action="page.found_waiting",
            subject=page.ref,
            customer_id=page.customer_id,
            detail={"next_step_at": page.next_step_at.isoformat() if page.next_step_at else None},
            now=now,
        )
    return offending
