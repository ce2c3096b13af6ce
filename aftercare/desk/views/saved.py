"""Saved views of the inbox: filters under a name, one's own or everybody's, each with its count."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aftercare.accounts.access import person, require
from aftercare.accounts.models import User
from aftercare.desk import actions
from aftercare.desk.filtering import as_query, filter_from
from aftercare.desk.inbox import COUNTED_TO
from aftercare.desk.models import SavedView
from aftercare.desk.queries import InboxFilter
from aftercare.desk.saved_views import counts_of, list_views
from aftercare.desk.views.filters import texts_of
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


def views_of(user: User, wanted: InboxFilter) -> list[dict[str, Any]]:
    """The tabs over the inbox as the page shows them, without their counts."""
    return [
        {
            "key": view.key,
            "label": view.name,
            "filter": view.filter,
            "url": reverse("desk:inbox") + "?" + urlencode(as_query(view.filter)),
            "is_current": view.filter == wanted,
            "may_remove": view.is_own,
            "count": None,
        }
        for view in list_views(user)
    ]


@login_required
def view_counts(request: HttpRequest) -> HttpResponse:
    """The tabs with their counts: a part of its own, so that the inbox never waits for them."""
    user = person(request)
    if not user.is_provider:
        raise Http404
    tabs = views_of(user, filter_from(texts_of(request.GET)))
    counts = counts_of(user, {tab["key"]: tab["filter"] for tab in tabs})
    for tab in tabs:
        count = counts[tab["key"]]
        tab["count"] = f"{COUNTED_TO:,}+" if count > COUNTED_TO else count
    return render(request, "desk/_views.html", {"views": tabs, "is_fresh": True})


@login_required
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the address that was open."""
    user = staff_member(request)
    asked = texts_of(request.POST)
    filters = as_query(filter_from(asked))
    try:
        view = actions.save_view(
            owner=user, name=asked.get("name", ""), filters=filters, is_shared=asked.get("shared") == "1", now=utc_now()
        )
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
    return redirect(reverse("desk:inbox") + "?" + urlencode(filters))


@login_required
@require_POST
def remove_view(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a view away: one's own, or a shared one as its owner."""
    user = staff_member(request)
    view = get_object_or_404(SavedView, ref=ref, owner=user)
    actions.remove_view(view=view, actor=user, now=utc_now())
    return redirect("desk:inbox")


def staff_member(request: HttpRequest) -> User:
    """One of the provider's people who answer tickets; 404 for customers, 403 without the capability."""
    user = person(request)
    if not user.is_provider:
        raise Http404
    require(user, "reply_to_tickets")
    return user
