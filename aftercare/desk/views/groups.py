"""Service groups: the list, and one group in three columns."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from aftercare.accounts.access import can, customers_for, person
from aftercare.accounts.models import User
from aftercare.clocks.queries import clocks_about, explain
from aftercare.desk.access import get_group_for, tickets_for, unknown_chats_for
from aftercare.desk.figures import NOTHING, beside, figures_by_group, people_figures
from aftercare.desk.group_words import what_it_can_do
from aftercare.desk.models import GROUP_REPLY, UNSETTLED, Group, Message
from aftercare.desk.queries import list_groups
from aftercare.kernel.clock import utc_now
from aftercare.web.paging import page_of

PER_PAGE = 50
SHOWN = 60  # messages of a thread at once
BESIDE = 30
PERIODS = (7, 30, 90)


@login_required
@require_GET
def group_list(request: HttpRequest) -> HttpResponse:
    """Groups that the reader may see: the answer that is due next on top."""
    user = person(request)
    customer, days = request.GET.get("customer", "").replace("\x00", "")[:16], days_of(request)
    groups = list_groups(user)
    if customer:
        groups = groups.filter(customer__ref=customer)
    page = page_of(groups, request, PER_PAGE)
    clocks, figures = beside(page.rows, days, utc_now())
    context = {
        "page": page,
        "rows": [(group, clocks.get(group.ref), figures.get(group.pk, NOTHING)) for group in page.rows],
        "people": people_figures(list(groups.values_list("pk", flat=True)), days, utc_now())
        if user.is_provider
        else [],
        "days": days,
        "filters": filters_of(user, customer, days),
        "is_filtered": bool(customer),
        "may_manage": user.is_provider and can(user, "manage_desk"),
        "unplaced": unknown_chats_for(user).count(),
    }
    return render(request, "desk/groups.html", context)


def days_of(request: HttpRequest) -> int:
    """The period that the address asks for."""
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(days) for days in PERIODS} else 30


def filters_of(user: User, customer: str, days: int) -> list[dict[str, Any]]:
    """The period, and for the provider the customer."""
    periods = [(str(n), _("%(n)s days") % {"n": n}) for n in PERIODS]
    filters: list[dict[str, Any]] = [
        {"name": "days", "label": _("Figures over"), "value": str(days), "choices": periods}
    ]
    if user.is_provider:
        choices = [("", _("any")), *((one.ref, one.display_name) for one in customers_for(user))]
        filters.insert(0, {"name": "customer", "label": _("Customer"), "value": customer, "choices": choices})
    return filters


@login_required
@require_GET
def group_page(request: HttpRequest, ref: str) -> HttpResponse:
    """The group."""
    user = person(request)
    return render(request, "desk/group.html", group_context(request, user, get_group_for(user, ref)))


@login_required
@require_GET
def group_thread(request: HttpRequest, ref: str) -> HttpResponse:
    """The thread alone, for the page that is already open."""
    user = person(request)
    group = get_group_for(user, ref)
    context = {"group": group, **thread_of(request, group), "may_reply": may_reply(user), "is_part": True}
    return render(request, "desk/_group_thread.html", context | clock_of(group))


def group_context(request: HttpRequest, user: User, group: Group, **more: Any) -> dict[str, Any]:
    """Everything the page shows to this reader."""
    days, now = days_of(request), utc_now()
    since = now - timedelta(days=days)
    others = list(list_groups(user)[:BESIDE])
    clocks, _figures = beside(others, days, now)
    return {
        "group": group,
        "others": [(other, clocks.get(other.ref)) for other in others],
        **thread_of(request, group),
        **clock_of(group),
        "figures": figures_by_group([group.pk], since, now).get(group.pk, NOTHING),
        "people": people_figures([group.pk], days, now),
        "days": days,
        "tickets": tickets_for(user).filter(group=group, status__in=UNSETTLED).order_by("-updated_at")[:10],
        "way": what_it_can_do(group),
        "may_reply": may_reply(user),
        "may_manage": user.is_provider and can(user, "manage_desk"),
        "draft": "",
        **more,
    }


def may_reply(user: User) -> bool:
    """Whether this reader speaks in groups from here: customers' people do so in their own app."""
    return user.is_provider and can(user, "reply_to_tickets")


def clock_of(group: Group) -> dict[str, Any]:
    """The newest first-reply clock, explained; the page leads with it where it runs."""
    clock = clocks_about(group.ref).filter(kind=GROUP_REPLY).first()
    return {"explanation": explain(clock, utc_now()) if clock else None}


def thread_of(request: HttpRequest, group: Group) -> dict[str, Any]:
    """The newest messages, or those before `?before=`, oldest first; notes of tickets are never among them."""
    said = Message.objects.filter(group=group, internal=False).select_related("author", "contact", "ticket")
    said = said.prefetch_related("attachments", "changes").order_by("-created_at", "-pk")
    before = request.GET.get("before", "")
    oldest = said.filter(ref=before[:16]).first() if before.isalnum() else None
    if oldest is not None:
        said = said.filter(created_at__lt=oldest.created_at)
    messages = list(said[: SHOWN + 1])
    has_earlier = len(messages) > SHOWN
    return {"thread": messages[:SHOWN][::-1], "has_earlier": has_earlier, "is_earlier": oldest is not None}
