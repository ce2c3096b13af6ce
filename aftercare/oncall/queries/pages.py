"""Pages as lists."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from aftercare.accounts.models import User
from aftercare.oncall.models import Page, PageNotice, PageState

SHOWN_AFTER_CLOSING = timedelta(hours=1)


def live_pages() -> QuerySet[Page]:
    """Pages that are not closed: the ones nobody has first, then the newest."""
    live = Page.objects.exclude(state=PageState.CLOSED).select_related("acknowledged_by", "customer")
    return live.order_by("-state", "-id")


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
