"""What is done about an incident, over the API; each deed answers with the incident as it is then."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from aftercare.accounts.models import Customer
from aftercare.desk.access import tickets_for
from aftercare.incidents import actions
from aftercare.incidents.access import incidents_for
from aftercare.incidents.api.door import instant, named, provider_at
from aftercare.incidents.api.incidents import whole
from aftercare.incidents.api.schemas import (
    CustomerIn,
    EndIn,
    IncidentOut,
    MergingIn,
    NewTaskIn,
    NoteIn,
    ReopeningIn,
    RoleIn,
    TaskChangeIn,
    TicketRefIn,
)
from aftercare.incidents.causes.actions import spare_customer
from aftercare.incidents.editing.tasks import change_task
from aftercare.incidents.merging.actions import merge_incidents
from aftercare.incidents.views.response import named as colleague
from aftercare.kernel.clock import utc_now

router = Router(tags=["incidents"])


@router.post("/incidents/{ref}/acknowledgement", response=IncidentOut, summary="Take an incident")
def acknowledge(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Nobody more is called. Twice is once."""
    user, incident = provider_at(request, ref, "acknowledge_pages")
    actions.acknowledge_incident(incident=incident, user=user, via="api", now=utc_now())
    return whole(request, ref)


@router.post("/incidents/{ref}/notes", response=IncidentOut, summary="Write a note")
def note(request: HttpRequest, ref: str, facts: NoteIn) -> dict[str, Any]:
    """Customers never read it. Repeated with its `token` it is one note. What `happened_at` an earlier time stands
    there.
    """
    user, incident = provider_at(request, ref)
    at = instant(facts.happened_at)
    actions.add_note(incident=incident, user=user, text=facts.text, happened_at=at, token=facts.token, now=utc_now())
    return whole(request, ref)


@router.post("/incidents/{ref}/mitigation", response=IncidentOut, summary="The effect stopped")
def mitigate(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Users feel it no more, whatever is still to be repaired. Twice is once."""
    user, incident = provider_at(request, ref)
    actions.mark_mitigated(incident=incident, actor=user, now=utc_now())
    return whole(request, ref)


@router.post("/incidents/{ref}/resolution", response=IncidentOut, summary="Resolve an incident")
def resolve(request: HttpRequest, ref: str, facts: EndIn) -> dict[str, Any]:
    """409 while an alert of it is open, unless `anyway`. Twice is once."""
    user, incident = provider_at(request, ref)
    actions.resolve_incident(incident=incident, user=user, anyway=facts.anyway, now=utc_now())
    return whole(request, ref)


@router.post("/incidents/{ref}/reopening", response=IncidentOut, summary="An incident is not over")
def reopen(request: HttpRequest, ref: str, facts: ReopeningIn) -> dict[str, Any]:
    """It goes on, and its customers hear that it does. Twice is once."""
    user, incident = provider_at(request, ref)
    actions.reopen_by_hand(incident=incident, reason=facts.reason, wakes=facts.wakes, actor=user, now=utc_now())
    return whole(request, ref)


@router.put("/incidents/{ref}/roles/{role}", response=IncidentOut, summary="Give a role")
def give_role(request: HttpRequest, ref: str, role: str, facts: RoleIn) -> dict[str, Any]:
    """commander, communicator or scribe; whoever had it until now has it no more."""
    user, incident = provider_at(request, ref)
    whom = colleague(facts.person or "")
    actions.give_role(incident=incident, role=role, user=whom, seen=facts.seen, actor=user, now=utc_now())
    return whole(request, ref)


@router.post("/incidents/{ref}/tasks", response=IncidentOut, summary="Add a task")
def add_task(request: HttpRequest, ref: str, facts: NewTaskIn) -> dict[str, Any]:
    """For somebody, or for whoever is free. Repeated with its `token` it is one task."""
    user, incident = provider_at(request, ref)
    title, owner = facts.title, colleague(facts.owner or "")
    actions.add_task(incident=incident, title=title, owner=owner, token=facts.token, actor=user, now=utc_now())
    return whole(request, ref)


@router.put("/incidents/{ref}/tasks/{task}", response=IncidentOut, summary="Change a task")
def put_task(request: HttpRequest, ref: str, task: int, facts: TaskChangeIn) -> dict[str, Any]:
    """Refused where it says something else by now than what was `seen`."""
    user, incident = provider_at(request, ref)
    change_task(
        incident=incident,
        task_id=task,
        title=facts.title,
        owner=colleague(facts.owner or ""),
        seen=(facts.seen.title, facts.seen.owner or "") if facts.seen else None,
        actor=user,
        now=utc_now(),
    )
    return whole(request, ref)


@router.post("/incidents/{ref}/tasks/{task}/end", response=IncidentOut, summary="A task is done")
def finish_task(request: HttpRequest, ref: str, task: int) -> dict[str, Any]:
    """Twice is once."""
    user, incident = provider_at(request, ref)
    actions.finish_task(incident=incident, task_id=task, actor=user, now=utc_now())
    return whole(request, ref)


@router.post("/incidents/{ref}/customers", response=IncidentOut, summary="It touches a customer")
def touch(request: HttpRequest, ref: str, facts: CustomerIn) -> dict[str, Any]:
    """They hear of it with the next update. Twice is once."""
    user, incident = provider_at(request, ref)
    actions.add_customer(incident=incident, customer=customer_of(facts.customer), actor=user, now=utc_now())
    return whole(request, ref)


@router.delete("/incidents/{ref}/customers/{customer}", response=IncidentOut, summary="It does not touch a customer")
def let_go(request: HttpRequest, ref: str, customer: str) -> dict[str, Any]:
    """Refused where they were told of it already, or an alert of theirs is in it."""
    user, incident = provider_at(request, ref)
    actions.remove_customer(incident=incident, customer=customer_of(customer), actor=user, now=utc_now())
    return whole(request, ref)


@router.post("/incidents/{ref}/customers/{customer}/sparing", response=IncidentOut, summary="Spare a customer")
def spare(request: HttpRequest, ref: str, customer: str) -> dict[str, Any]:
    """The map says that it may touch them; it does not."""
    user, incident = provider_at(request, ref)
    spare_customer(incident=incident, customer=customer_of(customer), actor=user, now=utc_now())
    return whole(request, ref)


@router.post("/incidents/{ref}/tickets", response=IncidentOut, summary="Tie a ticket")
def tie(request: HttpRequest, ref: str, facts: TicketRefIn) -> dict[str, Any]:
    """Updates go into it from now on, and its customer is touched."""
    user, incident = provider_at(request, ref)
    [ticket] = named(tickets_for(user), [facts.ticket], _("There is no ticket %(ref)s."))
    actions.add_ticket(incident=incident, ticket=ticket, actor=user, now=utc_now())
    return whole(request, ref)


@router.post("/incidents/{ref}/merging", response=IncidentOut, summary="Merge an incident into another")
def merge(request: HttpRequest, ref: str, facts: MergingIn) -> dict[str, Any]:
    """It ends and goes on as part of `into`, which is answered, with its alerts, customers, tickets and open tasks.
    Twice is once; refused where a customer would read what was written for another.
    """
    user, incident = provider_at(request, ref)
    [stays] = named(incidents_for(user), [facts.into], _("There is no incident %(ref)s."))
    return whole(request, merge_incidents(goes=incident, stays=stays, actor=user, now=utc_now()).ref)


def customer_of(ref: str) -> Customer:
    """The customer of this ref. Raises Refused."""
    return named(Customer.objects.all(), [ref], _("There is no customer %(ref)s."))[0]
