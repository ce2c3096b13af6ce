"""The page that merges two incidents: first which other one, then what will happen, then it does."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from aftercare.accounts.access import provider_with
from aftercare.incidents.access import get_incident_for, incidents_for
from aftercare.incidents.merging.actions import merge_incidents
from aftercare.incidents.merging.planning import MOST, candidates, plan_of, younger_goes
from aftercare.incidents.models import Incident
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


@login_required
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, ref: str) -> HttpResponse:
    """`?with=REF` is the other one, `?stays=REF` which of them stays: what was seen first, where nobody says."""
    user = provider_with(request, "act_on_incidents")
    incident = get_incident_for(user, ref)
    said = request.POST if request.method == "POST" else request.GET
    other = (
        incidents_for(user).filter(ref=said.get("with", "")[:16].replace("\x00", "")).exclude(pk=incident.pk).first()
    )
    if other is None:
        found = list(candidates(user, incident).prefetch_related("customers__customer")[: MOST + 1])
        context = {"incident": incident, "candidates": found[:MOST], "more": len(found) > MOST}
        status = 400 if request.method == "POST" else 200
        return render(request, "incidents/merging/choose.html", context, status=status)
    goes, stays = chosen(incident, other, said.get("stays", ""))
    if request.method == "GET":
        return asked(request, incident, goes, stays)
    try:
        home = merge_incidents(goes=goes, stays=stays, actor=user, now=utc_now())
    except Refused as refused:
        return asked(request, incident, goes, stays, refused.sentence)
    return redirect("incidents:incident", home.ref)


def chosen(incident: Incident, other: Incident, stays: str) -> tuple[Incident, Incident]:
    """The two as (goes, stays)."""
    if stays == incident.ref:
        return other, incident
    if stays == other.ref:
        return incident, other
    return younger_goes(incident, other)


def asked(request: HttpRequest, incident: Incident, goes: Incident, stays: Incident, error: str = "") -> HttpResponse:
    """What would happen, or, with `error`, why it did not."""
    plan = plan_of(goes, stays)
    context = {"incident": incident, "plan": plan, "error": error or plan.why_not, "is_refused": bool(plan.why_not)}
    return render(request, "incidents/merging/merge.html", context, status=409 if error else 200)
