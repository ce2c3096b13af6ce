"""Private addresses that a calendar program subscribes to."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import person, provider_only
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions
from aftercare.oncall.access import feeds_for, get_feed_by, get_schedule_for
from aftercare.oncall.feeding import calendar_of
from aftercare.oncall.models import Schedule


@provider_only
@require_http_methods(["GET", "POST"])
def feeds(request: HttpRequest) -> HttpResponse:
    """One's addresses; POST makes one, of a schedule or of one's own time, and shows it this once."""
    user, address, wrong = person(request), "", ""
    if request.method == "POST":
        told = request.POST.get("schedule", "")
        schedule = get_schedule_for(user, told) if told else None
        try:
            _feed, secret = actions.make_feed(owner=user, schedule=schedule, now=utc_now())
        except Refused as refused:
            wrong = refused.sentence
        else:
            address = settings.BASE_URL + reverse("oncall:calendar", args=[secret])
    context = {"feeds": feeds_for(user), "address": address, "wrong": wrong, "schedules": Schedule.objects.all()}
    answer = render(request, "oncall/feeds.html", context, status=400 if wrong else 200)
    answer["Cache-Control"] = "no-store"
    return answer


@provider_only
@require_POST
def remove_feed(request: HttpRequest, ref: str) -> HttpResponse:
    """Take an address back."""
    user = person(request)
    actions.remove_feed(feed=get_object_or_404(feeds_for(user), ref=ref), actor=user, now=utc_now())
    return redirect("oncall:feeds")


@require_GET
def calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar behind a private address, for a program that cannot sign in."""
    now = utc_now()
    feed = get_feed_by(secret)
    written = calendar_of(feed, now)
    actions.note_read(feed=feed, now=now)
    return HttpResponse(
        written, content_type="text/calendar; charset=utf-8", headers={"Cache-Control": "private, max-age=300"}
    )
