"""Pages as lists."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from aftercare.accounts.models import User
from aftercare.oncall.access import pages_for
from aftercare.oncall.models import Page, PageNotice, PageState

LIVE = "live"
SHOWN_AFTER_CLOSING = timedelta(hours=1)


def live_pages() -> QuerySet[Page]:
    """Pages that are not closed: the ones nobody has first, then the newest."""
    live = Page.objects.exclude(state=PageState.CLOSED).select_related("acknowledged_by", "customer")
    return live.order_by("-state", "-id")


@dataclass(frozen=True)
class PageFilter:
    """What the list of pages is narrowed to; empty means all. `state` may also be "live": not closed."""

    state: str = ""
    severity: str = ""
    customer: str = ""
    words: str = ""


def list_pages(user: User, wanted: PageFilter) -> QuerySet[Page]:
    """The pages that exist for this person: those nobody has first, then those somebody has, then closed ones."""
    pages = pages_for(user)
    if wanted.state:
        pages = pages.exclude(state=PageState.CLOSED) if wanted.state == LIVE else pages.filter(state=wanted.state)
    if wanted.severity:
        pages = pages.filter(severity=wanted.severity)
    if wanted.customer:
        pages = pages.filter(customer__ref=wanted.customer)
    if wanted.words:
        pages = pages.filter(Q(title__icontains=wanted.words) | Q(title_zh__icontains=wanted.words))
    ranks = [When(state=PageState.OPEN, then=Value(0)), When(state=PageState.ACKNOWLEDGED, then=Value(1))]
    return pages.order_by(Case(*ranks, default=Value(2), output_field=IntegerField()), "-id")


def deliveries_of_live_pages() -> "QuerySet[PageNotice, Any]":
    """Primary keys of what went out about pages that are not closed: their next steps ask what became of it."""
    notices = PageNotice.objects.exclude(page__state=PageState.CLOSED).filter(delivery__isnull=False)
    return notices.values("delivery_id")


def pages_for_phone(user: User, now: datetime) -> list[Page]:
    """Pages that went to this person and are live, or closed within the hour; those nobody has first,
    then the newest."""
    mine = PageNotice.objects.filter(page=OuterRef("pk"), user=user)
    recent = ~Q(state=PageState.CLOSED) | Q(closed_at__gte=now - SHOWN_AFTER_CLOSING)
    pages = Page.objects.filter(Exists(mine)).filter(recent)
    newest = list(pages.select_related("acknowledged_by", "customer").order_by("-id")[:10])
    order = [PageState.OPEN, PageState.ACKNOWLEDGED, PageState.CLOSED]
    return sorted(newest, key=lambda page: order.index(PageState(page.state)))


def told_with(page: Page, user: User) -> list[Page]:
    """The other pages that a message told this person of together with this one; those nobody has first."""
    own = PageNotice.objects.filter(page=page, user=user, delivery__isnull=False)
    spoke = {bundle or delivery for delivery, bundle in own.values_list("delivery_id", "delivery__bundle_id")}
    told = PageNotice.objects.filter(Q(delivery__in=spoke) | Q(delivery__bundle__in=spoke), user=user)
    return list(Page.objects.filter(pk__in=told.values("page_id")).exclude(pk=page.pk).order_by("-state", "id"))
