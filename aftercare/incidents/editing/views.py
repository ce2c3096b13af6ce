"""The page that corrects an incident, and the corrections of its tasks."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from aftercare.accounts.access import provider_with
from aftercare.accounts.models import User
from aftercare.incidents.access import get_incident_for
from aftercare.incidents.editing.actions import Changed, as_told, edit_incident, facts_of
from aftercare.incidents.editing.forms import EditForm
from aftercare.incidents.editing.tasks import change_task
from aftercare.incidents.editing.words import definitions
from aftercare.incidents.models import Incident
from aftercare.incidents.review.rules import rules_in_force
from aftercare.incidents.views.incident import deed
from aftercare.incidents.views.response import named, numbered
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, ref: str) -> HttpResponse:
    """Its title and severity. Where somebody changed it meanwhile, both texts, and the writer's own in the form."""
    user = provider_with(request, "act_on_incidents")
    incident = get_incident_for(user, ref)
    if request.method == "GET":
        present = facts_of(incident)
        told = {"title": present.title, "title_zh": present.title_zh, "severity": present.severity}
        return shown(request, incident, EditForm(initial={**told, "wakes": True, **as_told(present)}))
    form = EditForm(request.POST)
    if not form.is_valid():
        return shown(request, incident, form, status=400)
    facts: dict[str, Any] = {name: form.cleaned_data[name] for name in ("reason", "wakes")}
    try:
        edit_incident(incident=incident, said=form.said(), seen=form.seen(), actor=user, now=utc_now(), **facts)
    except Changed as changed:
        both = {"error": changed.sentence, "mine": form.said(), "present": changed.present}
        return shown(request, incident, form.after(changed.present), status=409, more=both)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return shown(request, incident, form, status=400)
    return redirect("incidents:incident", ref)


def shown(
    request: HttpRequest,
    incident: Incident,
    form: EditForm,
    status: int = 200,
    more: Mapping[str, object] = MappingProxyType({}),
) -> HttpResponse:
    """The page."""
    is_read = incident.cause_id is None and (incident.declared_by_id is not None or incident.customer_id is not None)
    context = {"incident": incident, "form": form, "definitions": definitions(rules_in_force()), "is_read": is_read}
    return render(request, "incidents/editing/edit.html", {**context, **more}, status=status)


@deed("act_on_incidents")
def task(request: HttpRequest, user: User, incident: Incident, now: datetime) -> None:
    """A task is reworded, or somebody else's."""
    said = request.POST
    change_task(
        incident=incident,
        task_id=numbered(request),
        title=said.get("title", ""),
        owner=named(said.get("person", "")),
        seen=(said.get("seen_title", ""), said.get("seen_person", "")),
        actor=user,
        now=now,
    )
