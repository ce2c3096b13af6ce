"""How pages reach people, counted from what was sent and taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Q, QuerySet

from aftercare.notify.models import Channel
from aftercare.oncall.models import Page, PageNotice

FIRST = 1  # the first step that ran; notices of management have 0


@dataclass(frozen=True)
class FirstStep:
    """How one page went: the people of its first step answered (True), did not (False), or it is not known (None):
    it still waits in its first step, was over before it went on, or woke nobody at first.
    """

    page: Page
    went_on_at: datetime | None
    answered: bool | None


@dataclass(frozen=True)
class Disturbance:
    """One step of one page that reached for one person otherwise than by the console."""

    page_id: int
    user_id: int
    firing: int
    at: datetime


def pages_between(
    start: datetime, end: datetime, *, severity: str = "", customer_id: int | None = None, subjects: Sequence[str] = ()
) -> QuerySet[Page]:
    """Pages that began from `start` until before `end`; of a customer those of its own, and those about `subjects`."""
    pages = Page.objects.filter(opened_at__gte=start, opened_at__lt=end)
    if severity:
        pages = pages.filter(severity=severity)
    if customer_id is not None:
        pages = pages.filter(Q(customer=customer_id) | Q(subject_ref__in=subjects))
    return pages


def first_steps(pages: QuerySet[Page]) -> list[FirstStep]:
    """How the first step of each page went, in three queries."""
    found = list(pages.select_related("acknowledged_by").order_by("pk"))
    notices = PageNotice.objects.filter(page__in=[page.pk for page in found])
    firsts = set(notices.filter(firing=FIRST).values_list("page_id", "user_id").distinct())
    later = notices.filter(firing__gt=FIRST).order_by().values("page_id").annotate(at=Min("at"))
    went_on = {row["page_id"]: row["at"] for row in later}
    woke = {page_id for page_id, _user in firsts}
    return [judged(page, went_on.get(page.pk), firsts, page.pk in woke) for page in found]


def judged(page: Page, went_on_at: datetime | None, firsts: set[tuple[int, int]], woke: bool) -> FirstStep:
    """One page: taken by one of the first people before anybody else was woken, or not."""
    taken_at = page.acknowledged_at
    if not woke:
        answered = None
    elif taken_at is not None and (went_on_at is None or taken_at < went_on_at):
        answered = (page.pk, page.acknowledged_by_id) in firsts
    elif went_on_at is None:
        answered = None
    else:
        answered = False
    return FirstStep(page, went_on_at, answered)


def disturbances(pages: QuerySet[Page]) -> list[Disturbance]:
    """Each step of these pages for each person once, by its first message; the console's own push wakes nobody."""
    sent = PageNotice.objects.filter(page__in=pages.values("pk")).exclude(channel=Channel.PUSH)
    rows = sent.order_by().values_list("page_id", "user_id", "firing").annotate(at=Min("at"))
    return [Disturbance(*row) for row in rows]
