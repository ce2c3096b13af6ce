"""Pages of silences."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import can, person, provider_only, provider_with
from aftercare.incidents.access import get_incident_for
from aftercare.incidents.models import HeldFor, Silence
from aftercare.incidents.noise.actions import end_silence, is_over, make_silence, move_end
from aftercare.incidents.noise.forms import EndForm, SilenceForm, silence_initial
from aftercare.incidents.noise.matching import Match, check, like, match_of
from aftercare.incidents.noise.queries import alert_to_silence, list_held, list_silences, preview, why_held
from aftercare.incidents.noise.telling import tally_of
from aftercare.incidents.noise.words import match_facts, match_line
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.watch.access import alerts_for
from aftercare.watch.models import ORIGINS, Alert
from aftercare.web.paging import page_of

ACT = "act_on_incidents"


@provider_only
@require_GET
def silences(request: HttpRequest) -> HttpResponse:
    """Those that run or come; with `?which=past` those that are over."""
    user, now = person(request), utc_now()
    which = "past" if request.GET.get("which") == "past" else "now"
    page = page_of(list_silences(which, now), request)
    rows = [(one, match_line(match_of(one.match)), one.starts_at > now) for one in page]
    context = {"page": page, "rows": rows, "which": which, "may_act": can(user, ACT)}
    return render(request, "incidents/noise/silences.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_silence(request: HttpRequest) -> HttpResponse:
    """A new one, filled by `?alert=` or `?incident=`; POST makes it, or with `look` tells what it would have held."""
    user, now = provider_with(request, ACT), utc_now()
    meant = meant_by(request) if request.method == "GET" else None
    form = SilenceForm(request.POST or None, initial=silence_initial(meant))
    seen = preview(meant, holds_red=False, now=now) if meant else None
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        starts_at, ends_at = form.span(now)
        try:
            check(form.match())
            if "look" not in request.POST:
                made = make_silence(
                    reason=said["reason"],
                    match=form.match(),
                    holds_red=said["holds_red"],
                    starts_at=starts_at,
                    ends_at=ends_at,
                    actor=user,
                    now=now,
                    token=said["token"],
                )
                return redirect("incidents:silence", made.ref)
            seen = preview(form.match(), holds_red=said["holds_red"], now=now)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    context = {"form": form, "seen": seen, "metrics": METRICS}
    return render(request, "incidents/noise/new_silence.html", context, status=400 if form.errors else 200)


def meant_by(request: HttpRequest) -> Match | None:
    """The alerts like the one that the address names. Raises Http404 for one that is not there."""
    user = person(request)
    if ref := request.GET.get("alert", "")[:16]:
        alerts = alerts_for(user).select_related("app", "customer", *ORIGINS)
        return like(get_object_or_404(alerts, ref=ref.replace("\x00", "")))
    if ref := request.GET.get("incident", "")[:16]:
        alert = alert_to_silence(get_incident_for(user, ref.replace("\x00", "")))
        return like(alert) if alert else None
    return None


@provider_only
@require_GET
def silence(request: HttpRequest, ref: str) -> HttpResponse:
    """One, and what it held."""
    user, now = person(request), utc_now()
    row = get_object_or_404(Silence.objects.select_related("made_by", "ended_by"), ref=ref)
    held = list_held(waiting=False).filter(silences=row)
    context = {
        "silence": row,
        "facts": match_facts(match_of(row.match)),
        "tally": tally_of(row),
        "page": page_of(held, request),
        "is_over": is_over(row, now),
        "is_coming": row.starts_at > now,
        "may_act": can(user, ACT),
        "form": EndForm(),
    }
    return render(request, "incidents/noise/silence.html", context)


@login_required
@require_POST
def silence_end(request: HttpRequest, ref: str) -> HttpResponse:
    """It ends now."""
    user = provider_with(request, ACT)
    end_silence(silence=get_object_or_404(Silence, ref=ref), actor=user, now=utc_now())
    messages.success(request, _("It has ended. What is still open calls whoever is on duty within seconds."))
    return redirect("incidents:silence", ref)


@login_required
@require_POST
def silence_until(request: HttpRequest, ref: str) -> HttpResponse:
    """It lasts so long from now on."""
    user, now = provider_with(request, ACT), utc_now()
    row = get_object_or_404(Silence, ref=ref)
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            ends_at = max(now, row.starts_at) + timedelta(minutes=int(form.cleaned_data["lasts"]))
            move_end(silence=row, ends_at=ends_at, actor=user, now=now)
        except Refused as refused:
            messages.error(request, refused.sentence)
    return redirect("incidents:silence", ref)


@provider_only
@require_GET
def held_alerts(request: HttpRequest) -> HttpResponse:
    """What waits now, or with `?which=all` everything that ever was held back; `?reason=` narrows it."""
    which = "all" if request.GET.get("which") == "all" else "now"
    asked = request.GET.get("reason", "")
    reason = asked if asked in HeldFor.values else ""
    page = page_of(list_held(waiting=which == "now", reason=reason), request)
    filters = [
        {
            "name": "which",
            "label": _("Which"),
            "value": which,
            "choices": [("now", _("wait now")), ("all", _("all there ever were"))],
        },
        {"name": "reason", "label": _("Why"), "value": reason, "choices": [("", _("all")), *HeldFor.choices]},
    ]
    context = {"page": page, "filters": filters, "which": which}
    return render(request, "incidents/noise/held_alerts.html", context)


@provider_only
@require_GET
def why_part(request: HttpRequest, ref: str) -> HttpResponse:
    """A part of an alert's page: why nobody was called for it and until when, and the way to silence others like it."""
    user = person(request)
    alert: Alert = get_object_or_404(alerts_for(user), ref=ref)
    context = {"alert": alert, "row": why_held(alert), "may_act": can(user, ACT)}
    return render(request, "incidents/noise/_why.html", context)
