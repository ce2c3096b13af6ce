"""Advancing pages that nobody has acknowledged, and proving that none was forgotten."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from aftercare.audit import actions as audit
from aftercare.kernel.clock import SetBack
from aftercare.kernel.standing import require_current
from aftercare.oncall.management import due_notices
from aftercare.oncall.models import Page, PageAudit, PageState
from aftercare.oncall.steps import Steps

log = logging.getLogger(__name__)

PUT_OFF_S = 30
PAGES_AT_ONCE = 200
LATE_AFTER_S = 60
AUDITS_KEPT_FOR = timedelta(days=7)

_clock = SetBack()


def process_due(now: datetime) -> int:
    """Take the next step of every open page that is due; returns how many. Any number of processes may call it.

    PAGES_AT_ONCE are one transaction: outbox rows and next due times exist together or not at all. Where one of them
    raises they are taken one by one; that one is put off and does not hold the others.
    """
    taken, steps = 0, Steps(now)
    if _clock.is_seen(now):
        bring_back(steps)
    while True:
        looked, advanced = take_due(steps, PAGES_AT_ONCE)
        taken += advanced
        if not looked:
            return taken


def take_due(steps: Steps, at_most: int) -> tuple[int, int]:
    """Take the steps of the pages that have been due longest; how many were looked at, and how many were taken."""
    pages: list[Page] = []
    now = steps.now
    try:
        with transaction.atomic():
            require_current()
            pages = due_pages(now, at_most)
            steps.take(pages)
            return len(pages), len(pages)
    except Exception:
        if not pages:
            raise
        if len(pages) > 1:
            return len(pages), sum(take_due(steps, 1)[1] for _page in pages)
        log.exception("page %s: its step failed; put off", pages[0].pk)
        put_off(pages[0].pk, now)
        return 1, 0


@transaction.atomic
def bring_back(steps: Steps) -> None:
    """The clock was set back: no open page waits longer than it would if its present step were taken now."""
    require_current()
    ahead = Page.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state=PageState.OPEN, next_step_at__gt=steps.now
    )
    for page in ahead.order_by("id"):
        latest = steps.latest_next(page)
        if page.next_step_at is not None and page.next_step_at > latest:
            Page.objects.filter(pk=page.pk).update(next_step_at=latest)


def due_pages(now: datetime, at_most: int) -> list[Page]:
    """The pages that have been due longest, locked; those that others hold are passed over."""
    due = Page.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state=PageState.OPEN, next_step_at__lte=now
    )
    return list(due.order_by("next_step_at", "id")[:at_most])


def put_off(page_id: int, now: datetime) -> None:
    """Try this page's step again in PUT_OFF_S."""
    later = now + timedelta(seconds=PUT_OFF_S)
    Page.objects.filter(pk=page_id, state=PageState.OPEN).update(next_step_at=later)


@transaction.atomic
def audit_open_pages(now: datetime) -> list[Page]:
    """Look at every open page: each must have a next step that is not overdue by more than LATE_AFTER_S, and nobody
    above who should have been told longer ago than that.

    Returns those that do not, keeps the finding as a PageAudit row and in the audit, and gives a page without a next
    step one that is due now.
    """
    require_current()
    open_pages = Page.objects.filter(state=PageState.OPEN)
    late = now - timedelta(seconds=LATE_AFTER_S)
    forgotten = list(open_pages.filter(next_step_at=None))
    overdue = list(open_pages.filter(next_step_at__lt=late))
    known = [page.pk for page in forgotten + overdue]
    untold = Page.objects.filter(pk__in=due_notices(late).values("page")).exclude(pk__in=known)
    offending = forgotten + overdue + list(untold)
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
