"""Reading incidents over the API, opening one and correcting it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status
from ninja.params.functions import Query

from aftercare.accounts.access import customers_for, person, provider_with
from aftercare.accounts.models import User
from aftercare.desk.access import tickets_for
from aftercare.incidents import actions
from aftercare.incidents.access import alerts_for, customers_of, get_incident_for
from aftercare.incidents.api.door import instant, named, person_out, provider_at
from aftercare.incidents.api.schemas import (
    CorrectionIn,
    IncidentIn,
    IncidentOut,
    IncidentsPage,
    TimelinePage,
)
from aftercare.incidents.editing.actions import Facts, edit_incident
from aftercare.incidents.merging.queries import home_of
from aftercare.incidents.models import Incident, Severity
from aftercare.incidents.models import Status as IncidentStatus
from aftercare.incidents.queries import IncidentFilter, Line, entries_for, line_of, list_incidents
from aftercare.incidents.telling.promise import clock_of
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.api import page_of_rows
from aftercare.web.languages import in_both

router = Router(tags=["incidents"])
STATES = ("", "unresolved", *IncidentStatus.values)
MOST_ALERTS = 500


@router.get("/incidents", response=IncidentsPage, summary="Incidents")
def incidents(
    request: HttpRequest,
    status: str = Query("", description="unresolved, open, acknowledged or resolved; empty for all"),
    severity: str = Query("", description="red or warning; empty for both"),
    customer: str = Query("", description="a customer's ref"),
    app: str = Query("", description="an app's ref: what speaks of it"),
    since: datetime | None = None,
    cursor: str = "",
    limit: int = 50,
) -> dict[str, Any]:
    """Those that the caller may see, newest first: a customer's people those that touch them. `since`: opened then or
    later, with an offset.
    """
    if status not in STATES or severity not in ("", *Severity.values):
        raise Refused(_("A status is unresolved, open, acknowledged or resolved; a severity red or warning."))
    user = person(request)
    rows = list_incidents(user, IncidentFilter(status, severity, customer[:16], app[:16], instant(since)))
    found, following = page_of_rows(rows, cursor, limit)
    told = [{**heading(one), "customers": [touched.customer.ref for touched in one.customers.all()]} for one in found]
    return {"incidents": told, "next": following}


@router.post("/incidents", response={201: IncidentOut}, summary="Open an incident")
def declare(request: HttpRequest, facts: IncidentIn) -> Status[dict[str, Any]]:
    """Customers hear of it with the first update. Repeated with its `token` it is one incident."""
    user = provider_with(request, "act_on_incidents")
    incident = actions.declare_incident(
        title=facts.title,
        title_zh=facts.title_zh,
        severity=facts.severity,
        customers=named(customers_for(user), facts.customers, _("There is no customer %(ref)s.")),
        tickets=named(tickets_for(user), facts.tickets, _("There is no ticket %(ref)s.")),
        wakes=facts.wakes,
        token=facts.token,
        actor=user,
        now=utc_now(),
    )
    return Status(201, whole(request, incident.ref))


@router.get("/incidents/{ref}", response=IncidentOut, summary="An incident")
def incident(request: HttpRequest, ref: str) -> dict[str, Any]:
    """What is broken, for whom, who has it."""
    return whole(request, ref)


@router.put("/incidents/{ref}", response=IncidentOut, summary="Correct an incident")
def correct(request: HttpRequest, ref: str, facts: CorrectionIn) -> dict[str, Any]:
    """Another title or severity. 409 where it says something else by now than what was `seen`."""
    user, found = provider_at(request, ref)
    edit_incident(
        incident=found,
        said=Facts(facts.title, facts.title_zh, facts.severity),
        seen=Facts(**facts.seen.dict()) if facts.seen else None,
        reason=facts.reason,
        wakes=facts.wakes,
        actor=user,
        now=utc_now(),
    )
    return whole(request, ref)


@router.get("/incidents/{ref}/timeline", response=TimelinePage, summary="The story of an incident")
def timeline(request: HttpRequest, ref: str, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """What the caller may read of it, newest first."""
    user = person(request)
    entries, following = page_of_rows(entries_for(user, get_incident_for(user, ref)), cursor, limit)
    return {"entries": [entry_out(line_of(one, user), user) for one in entries], "next": following}


def entry_out(line: Line, user: User) -> dict[str, Any]:
    """A line of the story for its reader."""
    names = ("at", "told_at", "kind", "sentence", "text")
    told = [
        {"author": person_out(one.author), **{name: getattr(one, name) for name in ("id", "at", "text", "number")}}
        for one in line.annotations
    ]
    own_id = line.pk if user.is_provider else None
    return {"id": own_id, **{name: getattr(line, name) for name in names}, "annotations": told}


def heading(incident: Incident) -> dict[str, Any]:
    """What it is in a line, as its reader may read it."""
    title, title_zh = in_both(lambda: incident.display_title)
    names = ("ref", "severity", "status", "opened_at", "mitigated_at", "resolved_at", "place")
    return {**{name: getattr(incident, name) for name in names}, "title": title, "title_zh": title_zh}


def whole(request: HttpRequest, ref: str) -> dict[str, Any]:
    """The incident as its page shows it to the caller."""
    user = person(request)
    incident = get_incident_for(user, ref)
    alerts = alerts_for(user, incident).values_list("alert__ref", flat=True)[:MOST_ALERTS]
    clock = clock_of(incident) if user.is_provider else None
    return {
        **heading(incident),
        "acknowledged_at": incident.acknowledged_at,
        "acknowledged_by": person_out(incident.acknowledged_by) if user.is_provider else None,
        "touched": [
            {
                "customer": one.customer.ref,
                "name": one.customer.display_name,
                "ticket": one.ticket.ref if one.ticket else None,
                "number": one.ticket.number if one.ticket else None,
            }
            for one in customers_of(user, incident)
        ],
        "alerts": list(alerts),
        "roles": roles_of(incident) if user.is_provider else [],
        "tasks": tasks_of(incident) if user.is_provider else [],
        "next_word_due_at": clock.due_at if clock else None,
        "merged_into": home.ref if (home := home_of(user, incident)) else None,
    }


def roles_of(incident: Incident) -> list[dict[str, Any]]:
    """Who holds and who held which role, the oldest first."""
    return [
        {"role": one.role, "person": person_out(one.user), "from_at": one.from_at, "until_at": one.until_at}
        for one in incident.participants.select_related("user")
    ]


def tasks_of(incident: Incident) -> list[dict[str, Any]]:
    """What was and is to be done, the oldest first."""
    return [
        {
            "id": one.pk,
            "title": one.title,
            "owner": person_out(one.owner),
            "added_at": one.added_at,
            "done_at": one.done_at,
        }
        for one in incident.tasks.select_related("owner")
    ]
