"""Calendars: the list, and one with its form and the two weeks that it makes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import needs, person, provider_only
from aftercare.clocks.calendars import CalendarFacts, check, days_ahead, remove_calendar, save_calendar
from aftercare.clocks.forms import CalendarForm
from aftercare.clocks.models import Calendar
from aftercare.clocks.queries import hours_of_calendar, hours_of_facts
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

ZONES_OFFERED = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Dubai",
    "Europe/Berlin",
    "UTC",
)


@provider_only
@needs("manage_desk")
@require_GET
def calendar_list(request: HttpRequest) -> HttpResponse:
    """Every calendar with its week, today first."""
    now = utc_now()
    rows = []
    for calendar in Calendar.objects.prefetch_related("special_days"):
        hours = hours_of_calendar(calendar, around=now.date())
        rows.append((calendar, days_ahead(hours, now.astimezone(hours.zone).date())[:7]))
    return render(request, "clocks/calendars.html", {"rows": rows})


@provider_only
@needs("manage_desk")
@require_http_methods(["GET", "POST"])
def calendar_page(request: HttpRequest, ref: str = "") -> HttpResponse:
    """Make a calendar or change one; `preview` shows its two weeks without keeping it."""
    found = get_object_or_404(Calendar, ref=ref) if ref else None
    form = CalendarForm(request.POST or None, calendar=found)
    facts: CalendarFacts | None = None
    if request.method == "POST" and form.is_valid():
        facts = form.facts()
        try:
            check(facts)
            if request.POST.get("then") != "preview":
                save_calendar(calendar=found, facts=facts, actor=person(request), now=utc_now())
                messages.success(request, _("Saved. Clocks that run keep the hours they began with."))
                return redirect("clocks:calendars")
        except Refused as refused:
            form.add_error(None, refused.sentence)
            facts = None
    context = {
        "form": form,
        "calendar": found,
        "zones": ZONES_OFFERED,
        "days": preview(found, facts),
        "is_draft": facts is not None,
    }
    return render(request, "clocks/calendar.html", context, status=400 if form.errors else 200)


@provider_only
@needs("manage_desk")
@require_POST
def calendar_removal(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a calendar away that nothing uses."""
    found = get_object_or_404(Calendar, ref=ref)
    try:
        remove_calendar(calendar=found, actor=person(request), now=utc_now())
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("clocks:calendar", ref)
    messages.success(request, _("The calendar was removed. Clocks that run keep the hours they began with."))
    return redirect("clocks:calendars")


def preview(found: Calendar | None, facts: CalendarFacts | None) -> list[object]:
    """The coming two weeks of what was just typed, else of what is kept; nothing for a calendar that is neither."""
    now = utc_now()
    if facts is not None:
        hours = hours_of_facts(facts, around=now.date())
    elif found is not None:
        hours = hours_of_calendar(found, around=now.date())
    else:
        return []
    return list(days_ahead(hours, now.astimezone(hours.zone).date()))
