"""Saved views of the inbox: filters under a name, one's own or everybody's, each with its count."""

import hashlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aftercare.accounts.access import person, require
from aftercare.accounts.models import User
from aftercare.desk import actions
from aftercare.desk.inbox import COUNTED_TO, count_of
from aftercare.desk.models import SavedView
from aftercare.desk.queries import InboxFilter
from aftercare.desk.views.filters import as_query, filter_from, texts_of
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

COUNT_LASTS_S = 15  # counts of the same view are shared by everybody who looks within this time
LISTED = 40


def saved_views_for(user: User) -> QuerySet[SavedView]:
    """A person's own views and the shared ones; customers have none."""
    if user.customer_id is not None:
        return SavedView.objects.none()
    return SavedView.objects.filter(Q(owner=user) | Q(is_shared=True))


def views_of(user: User, wanted: InboxFilter) -> list[dict[str, Any]]:
    """The tabs over the inbox: what everybody needs, then what people saved."""
    ready = [
        ("all", _("Unsettled"), InboxFilter()),
        ("unclaimed", _("Unclaimed"), InboxFilter(assignee="none")),
        ("mine", _("Mine"), InboxFilter(mine=True)),
        ("snoozed", _("Snoozed"), InboxFilter(status="snoozed")),
    ]
    saved = list(saved_views_for(user)[:LISTED])
    own = {view.ref for view in saved if view.owner_id == user.pk}
    kept = [(view.ref, view.name, filter_from(view.filters)) for view in saved]
    return [
        {
            "key": key,
            "label": name,
            "filter": filters,
            "url": reverse("desk:inbox") + "?" + urlencode(as_query(filters)),
            "is_current": filters == wanted,
            "may_remove": key in own,
            "count": None,
        }
        for key, name, filters in [*ready, *kept]
    ]


@login_required
def view_counts(request: HttpRequest) -> HttpResponse:
    """The tabs with their counts: a part of its own, so that the inbox never waits for them."""
    user = person(request)
    if not user.is_provider:
        raise Http404
    wanted = filter_from(texts_of(request.GET))
    tabs = views_of(user, wanted)
    keys = {tab["key"]: count_key(user, tab) for tab in tabs}
    known = cache.get_many(keys.values())
    fresh = {}
    for tab in tabs:
        key = keys[tab["key"]]
        if key not in known:
            known[key] = fresh[key] = count_of(user, tab["filter"])
        tab["count"] = f"{COUNTED_TO:,}+" if known[key] > COUNTED_TO else known[key]
    cache.set_many(fresh, COUNT_LASTS_S)
    return render(request, "desk/_views.html", {"views": tabs, "is_fresh": True})


def count_key(user: User, tab: dict[str, Any]) -> str:
    """Whom a count is shared by: everybody, unless it is about one person's own."""
    whose = user.ref if tab["filter"].mine else "all"
    return f"desk-view:{hash_of(tab['filter'])}:{whose}"


def hash_of(wanted: InboxFilter) -> str:
    """A key's worth of the filter: a cache takes no blanks and no Chinese."""
    return hashlib.sha256(repr(wanted).encode()).hexdigest()


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
