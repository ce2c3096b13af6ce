"""Pages in the console: all of them, and one."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from aftercare.accounts.access import can, customers_for, person, provider_only, require
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.oncall import actions
from aftercare.oncall.access import get_page_for
from aftercare.oncall.models import Page, PageState, Severity
from aftercare.oncall.queries import taker_named, takers
from aftercare.oncall.queries.pages import LIVE, PageFilter, list_pages
from aftercare.oncall.views.answers import back, page_json, signed_in, wants_json
from aftercare.oncall.views.phone import part
from aftercare.web.paging import page_of

PER_PAGE = 50
VIAS = ("console", "phone", "api")


@provider_only
@require_GET
def page_list(request: HttpRequest) -> HttpResponse:
    """Every page there ever was, those nobody has first, filtered by the address."""
    user = person(request)
    wanted = filter_of(request)
    context = {
        "pages": page_of(list_pages(user, wanted), request, per_page=PER_PAGE),
        "filters": filters_of(user, wanted),
        "search": {"name": "q", "label": _("Words of the title"), "value": wanted.words},
        "is_filtered": wanted != PageFilter(),
    }
    return render(request, "oncall/pages.html", context)


def filter_of(request: HttpRequest) -> PageFilter:
    """What the address asks for; a state or severity that does not exist narrows nothing."""
    asked = request.GET
    state, severity = asked.get("state", ""), asked.get("severity", "")
    return PageFilter(
        state=state if state in (*PageState.values, LIVE) else "",
        severity=severity if severity in Severity.values else "",
        customer=asked.get("customer", "").replace("\x00", "")[:16],
        words=asked.get("q", "").replace("\x00", "").strip()[:100],
    )


def filters_of(user: User, wanted: PageFilter) -> list[dict[str, Any]]:
    """The choosers above the list."""
    anything = ("", _("any"))
    states = [anything, (LIVE, _("not closed")), *PageState.choices]
    customers = [anything, *((customer.ref, customer.display_name) for customer in customers_for(user))]
    severities = [anything, *Severity.choices]
    return [
        {"name": "state", "label": _("State"), "value": wanted.state, "choices": states},
        {"name": "severity", "label": _("Severity"), "value": wanted.severity, "choices": severities},
        {"name": "customer", "label": _("Customer"), "value": wanted.customer, "choices": customers},
    ]


@login_required
@require_GET
def page(request: HttpRequest, ref: str) -> HttpResponse:
    """What the page is about, who was told and how it went, who has it."""
    found = get_page_for(request.user, ref)
    if wants_json(request):
        return page_json(found)
    actions.note_seen(page=found, user=person(request), now=utc_now())
    notices = found.notices.select_related("user", "delivery").order_by("-id")[:200]
    may_take = can(request.user, "acknowledge_pages") and found.state != PageState.CLOSED
    context = {
        "page": found,
        "notices": notices,
        "posts": found.posts.select_related("delivery"),
        "above": found.management.select_related("user"),
        "may_take": may_take,
        "colleagues": takers().exclude(pk=person(request).pk) if may_take else [],
    }
    return render(request, "oncall/page.html", context)


@signed_in
@require_POST
def acknowledgement(request: HttpRequest, ref: str) -> HttpResponse:
    """Acknowledge a page: from the console, the in-browser phone, or by JSON."""
    found = get_page_for(request.user, ref)
    require(request.user, "acknowledge_pages")
    taken = actions.acknowledge_page(page=found, user=person(request), via=via_of(request), now=utc_now())
    return answer(request, taken)


@signed_in
@require_POST
def escalation(request: HttpRequest, ref: str) -> HttpResponse:
    """ "I cannot take it": wake the next person."""
    found = get_page_for(request.user, ref)
    require(request.user, "acknowledge_pages")
    passed = actions.escalate_page(
        page=found, user=person(request), reason=request.POST.get("reason", ""), now=utc_now()
    )
    return answer(request, passed)


@signed_in
@require_POST
def handover(request: HttpRequest, ref: str) -> HttpResponse:
    """Give the page to a colleague, by their ref or name (`to`): they are woken now."""
    found = get_page_for(request.user, ref)
    require(request.user, "acknowledge_pages")
    me = person(request)
    to = taker_named(request.POST.get("to", "").replace("\x00", ""), besides=me)
    given = actions.hand_over_page(page=found, user=me, to=to, via=via_of(request), now=utc_now())
    return answer(request, given)


@signed_in
@require_POST
def resolution(request: HttpRequest, ref: str) -> HttpResponse:
    """End what the page is about."""
    found = get_page_for(request.user, ref)
    require(request.user, "acknowledge_pages")
    return answer(request, actions.resolve_page(page=found, user=person(request), via=via_of(request), now=utc_now()))


def via_of(request: HttpRequest) -> str:
    """How the acknowledgement came in."""
    if wants_json(request):
        return "api"
    via = request.POST.get("via", "console")
    return via if via in VIAS else "console"


def answer(request: HttpRequest, found: Page) -> HttpResponse:
    """JSON for programs, the phone's screen for the phone, else back to where the button was."""
    if wants_json(request):
        return page_json(found)
    if request.headers.get("HX-Request") and request.POST.get("via") == "phone":
        return part(request)
    return back(request, reverse("oncall:page", args=[found.ref]))
