"""A page on the phone: the small page behind every message, and the in-browser phone."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from aftercare.accounts.access import can, person, require
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.oncall import actions
from aftercare.oncall.access import get_page_for, require_staff
from aftercare.oncall.models import Page
from aftercare.oncall.queries import on_duty, pages_for_phone, told_with
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
    may_take = can(request.user, "acknowledge_pages")
    return shown(
        request, found, may_take, person(request), lambda other: reverse("oncall:page_on_phone", args=[other.ref])
    )


def console_path(page: Page) -> str:
    """Where somebody signed in finds a page's small page."""
    return reverse("oncall:page_on_phone", args=[page.ref])


@csrf_exempt
@require_http_methods(["GET", "POST"])
def signed_page(request: HttpRequest, ref: str, token: str) -> HttpResponse:
    """The small page by the link in a message, without signing in: GET shows it, POST acknowledges it (or passes it on
    with `action=pass_on`). The signed token is the proof, so no cookie and no form token are needed.
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
        response = shown(request, found, True, reader, lambda other: link_path(other, reader))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def is_opened_by_hand(request: HttpRequest) -> bool:
    """Whether a browser was led here. Messengers and mail servers fetch links for previews and to scan them, and that
    nobody has seen: they do not say that they navigate (Fetch Metadata, which every present browser sends).
    """
    return request.headers.get("Sec-Fetch-Mode") == "navigate" and request.headers.get("Sec-Fetch-Dest") == "document"


def taken_or_passed(request: HttpRequest, found: Page, reader: User, via: str) -> HttpResponse:
    """Carry out the button that was pressed, then show the page again."""
    if request.POST.get("action") == "pass_on":
        found = actions.escalate_page(page=found, user=reader, now=utc_now())
    else:
        found = actions.acknowledge_page(page=found, user=reader, via=via, now=utc_now())
    return page_json(found) if wants_json(request) else redirect(request.path)


def shown(
    request: HttpRequest, found: Page, may_take: bool, reader: User, path_of: Callable[[Page], str]
) -> HttpResponse:
    """The small page: under 30 KB with everything it loads, and it works without scripts. `path_of` leads the reader
    to the small page of another that the same message told of.
    """
    if wants_json(request):
        return page_json(found)
    context = {
        "page": found,
        "may_take": may_take,
        "thumbnail": thumbnail_of(found.chart),
        "others": [(other, path_of(other)) for other in told_with(found, reader)],
    }
    response = render(request, "oncall/small_page.html", context)
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
