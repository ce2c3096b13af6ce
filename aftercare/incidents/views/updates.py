"""Telling customers: written, looked at as each customer will read it, then sent."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftercare.accounts.access import person, require
from aftercare.incidents.access import get_incident_for
from aftercare.incidents.models import Incident, Stage
from aftercare.incidents.telling.drafting import Start, begun_anew, draft_for, has_public
from aftercare.incidents.telling.forms import UpdateForm
from aftercare.incidents.telling.posting import post_update, readings_of
from aftercare.incidents.telling.promise import clock_of
from aftercare.incidents.telling.templates import offered_templates
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


@login_required
@require_http_methods(["GET", "POST"])
def updates(request: HttpRequest, ref: str) -> HttpResponse:
    """The composer with what was told so far. `action=look` shows who would read what, `action=send` tells them.

    `action=begin` begins anew from the text that `start` names, unless words that somebody typed would be lost: then
    it stands beside them, and `action=take` takes it in their place.
    """
    user = person(request)
    incident = get_incident_for(user, ref)
    if not user.is_provider:
        raise Http404
    require(user, "act_on_incidents")
    if request.method == "GET":
        draft = draft_for(incident, asked_start(request))
        return shown(request, incident, UpdateForm(initial=draft, has_public=has_public()))
    if request.POST.get("action") in ("begin", "take"):
        return begin(request, incident)
    form = UpdateForm(request.POST, has_public=has_public())
    if form.is_valid() and request.POST.get("action") == "send":
        try:
            update = post_update(incident=incident, author=user, now=utc_now(), **form.facts())
        except Refused as refused:
            again = request.POST.copy()
            again["seen"] = str(seen_in(incident))  # whoever presses again has read it
            form = UpdateForm(again, has_public=has_public())
            form.add_error(None, refused.sentence)
            return shown(request, incident, form, status=400)
        else:
            count = update.tellings.count()
            messages.success(
                request, _("Update %(n)s is on its way to %(count)s customers.") % {"n": update.number, "count": count}
            )
            return redirect("incidents:updates", ref)
    return shown(request, incident, form, is_looked_at=form.is_valid(), status=200 if form.is_valid() else 400)


def asked_start(request: HttpRequest) -> Start:
    """What an address asks to begin with: `?template=REF` or `?stage=identified`."""
    ref = request.GET.get("template", "")
    return Start.of(f"template:{ref}" if ref else f"stage:{request.GET.get('stage', '')}")


def begin(request: HttpRequest, incident: Incident) -> HttpResponse:
    """The form with another beginning, or as it was with that one beside it."""
    draft = draft_for(incident, Start.of(request.POST.get("start", "").replace("\x00", "")))
    anew = begun_anew(request.POST, draft, is_taken=request.POST["action"] == "take")
    said = request.POST.dict() if anew is None else anew
    form = UpdateForm(initial={**said, "is_public": "is_public" in request.POST}, has_public=has_public())
    return shown(request, incident, form, offered=draft if anew is None else None)


def seen_in(incident: Incident) -> int:
    """The number of the last update, 0 for none."""
    last = incident.updates.order_by("number").last()
    return last.number if last else 0


def shown(
    request: HttpRequest,
    incident: Incident,
    form: UpdateForm,
    *,
    is_looked_at: bool = False,
    offered: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; `offered` is another beginning, beside the words that it did not replace."""
    readings = readings_of(incident) if is_looked_at else []
    context = {
        "incident": incident,
        "form": form,
        "stages": Stage.choices,
        "templates": offered_templates(),
        "start": request.POST.get("start", ""),
        "offered": offered,
        "readings": readings,
        "customers": len({reading.customer.pk for reading in readings}),
        "is_looked_at": is_looked_at,
        "clock": clock_of(incident),
        "updates": told_so_far(incident),
    }
    return render(request, "incidents/updates.html", context, status=status)


def told_so_far(incident: Incident) -> list[dict[str, Any]]:
    """Each update, the newest first, with how many have heard it and who has not, and why."""
    found = []
    for update in incident.updates.select_related("author").order_by("-number"):
        tellings = list(update.tellings.select_related("customer").order_by("customer__name"))
        waiting = [one for one in tellings if one.told_at is None]
        found.append(
            {"update": update, "count": len(tellings), "told": len(tellings) - len(waiting), "waiting": waiting}
        )
    return found
