"""One incident: what it is, who has it, what happened, for whom."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aftercare.accounts.access import can, person, require
from aftercare.accounts.models import User
from aftercare.incidents import actions
from aftercare.incidents.access import customers_of, get_incident_for
from aftercare.incidents.causes.queries import cause_of
from aftercare.incidents.changes.suspecting import list_suspects
from aftercare.incidents.merging.queries import home_of, merged_into
from aftercare.incidents.models import Incident, Role, Status
from aftercare.incidents.queries import get_timeline, list_measured, list_reached, list_told, live_page_of
from aftercare.incidents.telling.promise import clock_of, who_may_tell
from aftercare.incidents.words import headline
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.kernel.wall_clock import instant_of

LAST_LINES = 100
FIRST_CUSTOMERS = 20
Deed = Callable[[HttpRequest, User, Incident, datetime], None]


@login_required
def incident_page(request: HttpRequest, ref: str) -> HttpResponse:
    """The incident, as far as the reader may see it. One that was merged leads to where it goes on, unless `?own`."""
    user = person(request)
    incident = get_incident_for(user, ref)
    if "own" not in request.GET and (home := home_of(user, incident)) is not None:
        return redirect("incidents:incident", home.ref)
    context = incident_context(user, incident, is_whole="whole" in request.GET)
    return render(request, "incidents/incident.html", context)


@login_required
def live_part(request: HttpRequest, ref: str) -> HttpResponse:
    """State and timeline alone, for the page that is already open."""
    user = person(request)
    context = live_context(user, get_incident_for(user, ref), is_whole="whole" in request.GET)
    return render(request, "incidents/_live.html", context)


@login_required
def measured_part(request: HttpRequest, ref: str) -> HttpResponse:
    """The charts alone; the page asks again while they are being gathered."""
    user = person(request)
    incident = get_incident_for(user, ref)
    return render(request, "incidents/_measured.html", {"incident": incident, **measured_context(user, incident)})


def measured_context(user: User, incident: Incident) -> dict[str, Any]:
    """What was measured and what was told, and whether some of it is still to come."""
    measured = list_measured(user, incident)
    told, told_more = list_told(user, incident)
    return {
        "measured": measured,
        "told": told,
        "told_more": told_more,
        "is_gathering": any(one.evidence.state == "pending" for one in measured),
    }


def live_context(user: User, incident: Incident, *, is_whole: bool = False) -> dict[str, Any]:
    """State and timeline: of a long story the last LAST_LINES, unless it `is_whole`."""
    timeline, earlier = get_timeline(user, incident, None if is_whole else LAST_LINES)
    return {
        "incident": incident,
        "may_annotate": user.is_provider and can(user, "act_on_incidents"),
        "timeline": timeline,
        "earlier": earlier,
        "is_whole": is_whole,
        "is_open": incident.status != Status.RESOLVED,
        "reached": list_reached(user, incident),
        "page": live_page_of(user, incident),
    }


def customers_context(user: User, incident: Incident, *, is_whole: bool) -> dict[str, Any]:
    """The customers that it touches: the first FIRST_CUSTOMERS of many, unless it `is_whole`."""
    touched = customers_of(user, incident)
    customers = list(touched if is_whole else touched[: FIRST_CUSTOMERS + 1])
    if is_whole or len(customers) <= FIRST_CUSTOMERS:
        return {"customers": customers, "more_customers": 0}
    return {"customers": customers[:FIRST_CUSTOMERS], "more_customers": touched.count() - FIRST_CUSTOMERS}


def incident_context(user: User, incident: Incident, *, is_whole: bool = False) -> dict[str, Any]:
    """Everything the page shows to this reader; long lists in part, unless it `is_whole`."""
    is_open = incident.status != Status.RESOLVED
    touched = customers_context(user, incident, is_whole=is_whole)
    may_act = can(user, "act_on_incidents") and incident.merged_into_id is None
    return {
        **live_context(user, incident, is_whole=is_whole),
        "headline": headline(incident, user),
        **measured_context(user, incident),
        **touched,
        "home": home_of(user, incident),
        "merged": merged_into(user, incident),
        "may_merge": is_open and may_act and user.is_provider,
        "may_acknowledge": incident.status == Status.OPEN and can(user, "acknowledge_pages"),
        "may_note": may_act,
        "may_tell": may_act and bool(touched["customers"]),
        "may_mitigate": is_open and incident.mitigated_at is None and may_act,
        **(response_context(incident) if user.is_provider else {}),
        "suspects": list_suspects(incident) if user.is_provider else [],
        "clock": clock_of(incident) if user.is_provider else None,
        "may_resolve": is_open and may_act,
        "may_reopen": not is_open and may_act and incident.merged_into_id is None,
        "cause_view": cause_of(incident) if user.is_provider else None,
        "draft": "",
    }


def response_context(incident: Incident) -> dict[str, Any]:
    """Roles with who holds and who held them, tasks, and who could take either; the provider's own business."""
    participants = list(incident.participants.select_related("user"))
    return {
        "roles": [
            {
                "value": role.value,
                "label": role.label,
                "holder": next((one for one in participants if one.role == role and one.until_at is None), None),
                "past": [one for one in participants if one.role == role and one.until_at is not None],
            }
            for role in Role
        ],
        "tasks": incident.tasks.select_related("owner", "done_by").order_by(F("done_at").asc(nulls_first=True), "pk"),
        "colleagues": who_may_tell(),
    }


def deed(capability: str) -> Callable[[Deed], Callable[..., HttpResponse]]:
    """A view out of a deed of the provider's: stranger 404, others without `capability` 403, a refusal 409."""

    def make(do: Deed) -> Callable[..., HttpResponse]:
        @login_required
        @require_POST
        def view(request: HttpRequest, ref: str) -> HttpResponse:
            user = person(request)
            incident = get_incident_for(user, ref)
            require(user, capability)
            if not user.is_provider:
                raise Http404
            try:
                do(request, user, incident, utc_now())
            except Refused as refused:
                draft = request.POST.get("text", "")
                fresh = get_incident_for(user, ref)
                place = "still_open" if isinstance(refused, actions.StillOpen) else "error"
                context = {**incident_context(user, fresh), "draft": draft, place: refused.sentence}
                context["happened_at"] = request.POST.get("happened_at", "")
                return render(request, "incidents/incident.html", context, status=409)
            return redirect("incidents:incident", ref)

        return view

    return make


@deed("acknowledge_pages")
def acknowledge(request: HttpRequest, user: User, incident: Incident, now: datetime) -> None:
    """Take it."""
    actions.acknowledge_incident(incident=incident, user=user, now=now)


@deed("act_on_incidents")
def note(request: HttpRequest, user: User, incident: Incident, now: datetime) -> None:
    """Write a note for colleagues; `happened_at` is on the writer's own wall clock."""
    happened_at = own_instant(request.POST.get("happened_at", ""))
    actions.add_note(incident=incident, user=user, text=request.POST.get("text", ""), happened_at=happened_at, now=now)


def own_instant(said: str) -> datetime | None:
    """The instant of a time on the reader's wall clock; None for an empty one. Raises Refused."""
    if not said.strip():
        return None
    try:
        return instant_of(datetime.fromisoformat(said).replace(tzinfo=None), get_current_timezone())
    except (ValueError, OverflowError):
        raise Refused(_("Choose a day and a time.")) from None


@deed("act_on_incidents")
def resolve(request: HttpRequest, user: User, incident: Incident, now: datetime) -> None:
    """End it by hand; `anyway=1` while an alert of it is still open."""
    anyway = request.POST.get("anyway") == "1"
    actions.resolve_incident(incident=incident, user=user, anyway=anyway, now=now)


@deed("act_on_incidents")
def reopen(request: HttpRequest, user: User, incident: Incident, now: datetime) -> None:
    """It is not over; `wakes=on` calls whoever is on duty."""
    reason, wakes = request.POST.get("text", ""), request.POST.get("wakes") == "on"
    actions.reopen_by_hand(incident=incident, reason=reason, wakes=wakes, actor=user, now=now)
