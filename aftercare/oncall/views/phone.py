"""A page on the phone: the small page behind every message, and the in-browser phone."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from aftercare.accounts.access import can, person, require
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions
from aftercare.oncall.access import get_page_for, require_staff
from aftercare.oncall.models import Page, PageState
from aftercare.oncall.queries import on_duty, pages_for_phone, taker_named, takers, told_with
from aftercare.oncall.thumbnail import thumbnail_of
from aftercare.oncall.tokens import link_path, person_of
from aftercare.oncall.views.answers import page_json, wants_json


@login_required
@require_http_methods(["GET", "POST"])
def page_on_phone(request: HttpRequest, ref: str) -> HttpResponse:
    """The small page for somebody signed in."""
    found = get_page_for(request.user, ref)
    if request.method == "POST":
        require(request.user, "acknowledge_pages")
        return taken_or_passed(request, found, person(request), "phone")
    actions.note_seen(page=found, user=person(request), now=utc_now())
    return shown(request, found, person(request), "phone", may_take=can(request.user, "acknowledge_pages"))


@csrf_exempt
@require_http_methods(["GET", "POST"])
def signed_page(request: HttpRequest, ref: str, token: str) -> HttpResponse:
    """The small page by the link in a message, without signing in: GET shows it, POST acknowledges it (or, by its
    `action`: pass_on, resolve, hand_over with a colleague's ref as `to`).

    The signed token is the proof, so no cookie and no form token are needed.
    """
    found = get_object_or_404(Page.objects.select_related("acknowledged_by"), ref=ref)
    reader = person_of(found, token, utc_now())
    if reader is None:
        raise Http404
    with translation.override(reader.language or settings.LANGUAGE_CODE), timezone.override(reader.timezone):
        if request.method == "POST":
            return taken_or_passed(request, found, reader, "link")
        if is_opened_by_hand(request):
            actions.note_seen(page=found, user=reader, now=utc_now())
        response = shown(request, found, reader, "link")
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def is_opened_by_hand(request: HttpRequest) -> bool:
    """Whether a browser was led here. Messengers and mail servers fetch links for previews and to scan them, and that
    nobody has seen: they do not say that they navigate (Fetch Metadata, which every present browser sends).
    """
    return request.headers.get("Sec-Fetch-Mode") == "navigate" and request.headers.get("Sec-Fetch-Dest") == "document"


def taken_or_passed(request: HttpRequest, found: Page, reader: User, via: str) -> HttpResponse:
    """Carry out the button that was pressed, then show the page again; what was refused, with the sentence why."""
    try:
        found = carried_out(request.POST.get("action", ""), request.POST.get("to", ""), found, reader, via)
    except Refused as refused:
        if wants_json(request):
            return JsonResponse({"error": refused.sentence}, status=409)
        return shown(request, found, reader, via, error=refused.sentence, status=409)
    return page_json(found) if wants_json(request) else redirect(request.path)


def carried_out(action: str, to: str, found: Page, reader: User, via: str) -> Page:
    """The page after what the reader does to it: takes it, unless the button says otherwise. Raises Refused."""
    now = utc_now()
    match action:
        case "pass_on":
            return actions.escalate_page(page=found, user=reader, now=now)
        case "hand_over":
            colleague = taker_named(to.replace("\x00", ""), besides=reader)
            return actions.hand_over_page(page=found, user=reader, to=colleague, via=via, now=now)
        case "resolve":
            return actions.resolve_page(page=found, user=reader, via=via, now=now)
    return actions.acknowledge_page(page=found, user=reader, via=via, now=now)


def shown(
    request: HttpRequest,
    found: Page,
    reader: User,
    via: str,
    *,
    may_take: bool = True,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """The small page: under 30 KB with everything it loads, and it works without scripts. Others that the same message
    told of are led to as this one was come by: by a link of the reader's own, or signed in.
    """
    if wants_json(request):
        return page_json(found)
    others = [
        (other, link_path(other, reader) if via == "link" else reverse("oncall:page_on_phone", args=[other.ref]))
        for other in told_with(found, reader)
    ]
    context = {
        "page": found,
        "may_take": may_take,
        "thumbnail": thumbnail_of(found.chart),
        "others": others,
        "colleagues": takers().exclude(pk=reader.pk) if may_take and found.state != PageState.CLOSED else [],
        "error": error,
    }
    response = render(request, "oncall/small_page.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


@login_required
@require_GET
def phone(request: HttpRequest) -> HttpResponse:
    """The in-browser phone: pages appear on it as they arrive."""
    require_staff(request.user)
    return render(request, "oncall/phone.html", screen(request))


@login_required
@require_GET
def phone_part(request: HttpRequest) -> HttpResponse:
    """The phone alone, to put into another page with hx-get."""
    require_staff(request.user)
    return part(request)


def part(request: HttpRequest) -> HttpResponse:
    """The phone's markup with what is on its screen now."""
    return render(request, "oncall/_phone.html", screen(request))


def screen(request: HttpRequest) -> dict[str, object]:
    """What the phone shows: the clock, this person's pages, and whether they are on duty."""
    now, me = utc_now(), person(request)
    return {"now": now, "pages": pages_for_phone(me, now), "is_on_duty": me in on_duty(now)}
