"""Telling customers: written, looked at as each customer will read it, then sent."""

import secrets
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftercare.accounts.access import person, require
from aftercare.incidents.access import get_incident_for
from aftercare.incidents.models import Incident, PublicIncident, Stage, StatusPage, UpdateTemplate
from aftercare.incidents.review.rules import rules_in_force
from aftercare.incidents.status.facts import NEUTRAL
from aftercare.incidents.telling.forms import UpdateForm
from aftercare.incidents.telling.posting import post_update, readings_of
from aftercare.incidents.telling.promise import clock_of
from aftercare.incidents.telling.templates import filled
from aftercare.incidents.telling.words import drafted
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


@login_required
@require_http_methods(["GET", "POST"])
def updates(request: HttpRequest, ref: str) -> HttpResponse:
    """The composer with what was told so far. `action=look` shows who would read what, `action=send` tells them."""
    user = person(request)
    incident = get_incident_for(user, ref)
    if not user.is_provider:
        raise Http404
    require(user, "act_on_incidents")
    if request.method == "GET":
        draft = draft_for(incident, request.GET.get("stage", ""), request.GET.get("template", ""))
        return shown(request, incident, UpdateForm(initial=draft, has_public=has_public()))
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


def draft_for(incident: Incident, asked: str, ref: str = "") -> dict[str, Any]:
    """A new form's contents: the template `ref`, or the draft of the stage that was asked for, else of where the last
    update left.
    """
    template = UpdateTemplate.objects.filter(ref=ref[:16], removed_at=None).first() if ref else None
    asked = template.stage if template is not None else asked
    last = incident.updates.order_by("number").last()
    stage = Stage(asked) if asked in Stage.values else Stage(last.stage) if last else Stage.INVESTIGATING
    within = None if stage == Stage.RESOLVED else rules_in_force().next_within(incident.severity)
    body, body_zh = filled(template, incident, within) if template else drafted(incident, stage, within)
    minutes = within // timedelta(minutes=1) if within else ""
    token = secrets.token_hex(16)
    told = {"stage": stage, "body": body, "body_zh": body_zh, "next_within": minutes, "token": token}
    told["seen"] = last.number if last else 0
    known = PublicIncident.objects.filter(incident=incident).first()
    title, title_zh = (known.title, known.title_zh) if known else NEUTRAL
    return {**told, "is_public": known is not None, "public_title": title, "public_title_zh": title_zh}


def seen_in(incident: Incident) -> int:
    """The number of the last update, 0 for none."""
    last = incident.updates.order_by("number").last()
    return last.number if last else 0


def has_public() -> bool:
    """Whether there is a public page to tell it on."""
    return StatusPage.objects.filter(customer=None, is_open=True).exists()


def shown(
    request: HttpRequest, incident: Incident, form: UpdateForm, *, is_looked_at: bool = False, status: int = 200
) -> HttpResponse:
    """The page."""
    readings = readings_of(incident) if is_looked_at else []
    context = {
        "incident": incident,
        "form": form,
        "stages": Stage.choices,
        "templates": UpdateTemplate.objects.filter(removed_at=None).order_by("name"),
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
