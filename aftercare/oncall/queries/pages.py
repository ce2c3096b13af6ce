"""Pages as lists."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from aftercare.accounts.models import User
from aftercare.oncall.models import Page, PageNotice, PageState

SHOWN_AFTER_CLOSING = timedelta(hours=1)


def live_pages() -> QuerySet[Page]:
    """Pages that are not closed: the ones nobody has first, then the newest."""
    live = Page.objects.exclude(state=PageState.CLOSED).select_related("acknowledged_by", "customer")
    return live.order_by("-state", "-id")


def pages_for_phone(user: User, now: datetime) -> list[Page]:
    """What this person's phone shows: pages that went to them and are live, or closed within the hour; newest first."""
    mine = PageNotice.objects.filter(page=OuterRef("pk"), user=user)
    recent = ~Q(state=PageState.CLOSED) | Q(closed_at__gte=now - SHOWN_AFTER_CLOSING)
    pages = Page.objects.filter(Exists(mine)).filter(recent)
    return list(pages.select_related("acknowledged_by", "customer").order_by("-id")[:10])
