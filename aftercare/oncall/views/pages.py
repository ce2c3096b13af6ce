"""One page in the console."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from aftercare.accounts.access import can, person, require
from aftercare.kernel.clock import utc_now
from aftercare.oncall import actions
from aftercare.oncall.access import get_page_for
from aftercare.oncall.models import Page
from aftercare.oncall.views.answers import back, page_json, signed_in, wants_json
from aftercare.oncall.views.phone import part

VIAS = ("console", "phone", "api")


@login_required
@require_GET
def page(request: HttpRequest, ref: str) -> HttpResponse:
    """What the page is about, who was told and how it went, who has it."""
    found = get_page_for(request.user, ref)
    if wants_json(request):
        return page_json(found)
    notices = found.notices.select_related("user", "delivery").order_by("-id")[:200]
    context = {"page": found, "notices": notices, "may_take": can(request.user, "acknowledge_pages")}
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
