"""The parts of an incident's page that are about its cause; the provider's own business."""

import logging
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from aftercare.accounts.access import can, person
from aftercare.accounts.models import User
from aftercare.incidents.access import get_incident_for
from aftercare.incidents.causes.actions import spare_customer
from aftercare.incidents.causes.queries import Probable, probably_touched
from aftercare.incidents.models import Incident
from aftercare.incidents.views.declaring import asked_customer
from aftercare.incidents.views.incident import deed
from aftercare.kernel.clock import utc_now

log = logging.getLogger(__name__)


@login_required
def probable_part(request: HttpRequest, ref: str) -> HttpResponse:
    """Who is probably touched, alone: the page loads it after itself, so that a slow telemetry holds nobody up."""
    user = person(request)
    incident = get_incident_for(user, ref)
    if not user.is_provider:
        raise Http404
    probable: list[Probable] = []
    more, is_unknown = 0, False
    try:
        probable, more = probably_touched(incident, utc_now())
    except Exception:  # whatever the telemetry raises, the incident's page stands
        log.exception("nobody knows who is on the cause of incident %s", incident.ref)
        is_unknown = True
    context = {"incident": incident, "probable": probable, "more": more, "is_unknown": is_unknown}
    return render(request, "incidents/causes/_probable.html", {**context, "may_say": can(user, "act_on_incidents")})


@deed("act_on_incidents")
def spare(request: HttpRequest, user: User, incident: Incident, now: datetime) -> None:
    """It does not touch this customer."""
    spare_customer(incident=incident, customer=asked_customer(request), actor=user, now=now)
