"""Opening an incident by hand, and saying whom it touches."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from aftercare.accounts.access import can, person, provider_with, require
from aftercare.accounts.models import Customer, User
from aftercare.desk.access import get_ticket_for, tickets_for
from aftercare.desk.models import Ticket
from aftercare.incidents import actions
from aftercare.incidents.access import get_incident_for
from aftercare.incidents.forms import DeclareForm, form_about
from aftercare.incidents.models import Incident
from aftercare.incidents.queries import list_unresolved
from aftercare.incidents.views.incident import deed
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

LISTED = 20


@login_required
@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest) -> HttpResponse:
    """Open an incident; `?ticket=REF` as often as tickets say the same."""
    user = provider_with(request, "act_on_incidents")
    if request.method == "GET":
        refs = [ref[:16] for ref in request.GET.getlist("ticket")[:LISTED]]
        return shown(request, form_about(list(tickets_for(user).filter(ref__in=refs).order_by("pk"))))
    form = DeclareForm(request.POST)
    if form.is_valid():
        try:
            incident = actions.declare_incident(**form.cleaned_data, actor=user, now=utc_now())
            return redirect("incidents:incident", incident.ref)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return shown(request, form, status=400)


def shown(request: HttpRequest, form: DeclareForm, status: int = 200) -> HttpResponse:
    """The form with the tickets it is about."""
    refs = [str(ref)[:16] for ref in (form["tickets"].value() or [])]
    tickets = Ticket.objects.filter(ref__in=refs).select_related("customer").order_by("pk")
    return render(request, "incidents/declare.html", {"form": form, "tickets": tickets}, status=status)


@login_required
@require_GET
def of_ticket(request: HttpRequest, ref: str) -> HttpResponse:
    """What a ticket's page shows of incidents: a way to make one of it, or to join one that is open."""
    user = person(request)
    ticket = get_ticket_for(user, ref)
    may_tie = user.is_provider and can(user, "act_on_incidents") and not ticket.incident_ref
    unresolved = list_unresolved(user)[:LISTED] if may_tie else []
    return render(
        request, "incidents/_of_ticket.html", {"ticket": ticket, "may_tie": may_tie, "unresolved": unresolved}
    )


@deed("act_on_incidents")
def tie_ticket(request: HttpRequest, user: User, incident: Incident, now: datetime) -> None:
    """A ticket becomes part of it."""
    found = tickets_for(user).filter(ref=request.POST.get("ticket", "")[:16].replace("\x00", "")).first()
    if found is None:
        raise Refused(_("This ticket is no longer there."))
    actions.add_ticket(incident=incident, ticket=found, actor=user, now=now)


@login_required
@require_GET
def others(request: HttpRequest, ref: str) -> HttpResponse:
    """A choice of the customers that it is not known to touch; the page loads it once somebody comes there."""
    user = person(request)
    incident = get_incident_for(user, ref)
    require(user, "act_on_incidents")
    untouched = Customer.objects.exclude(pk__in=incident.customers.values("customer")).order_by("name")
    return render(request, "incidents/_others.html", {"incident": incident, "others": untouched})


@deed("act_on_incidents")
def touch(request: HttpRequest, user: User, incident: Incident, now: datetime) -> None:
    """It touches a customer."""
    actions.add_customer(incident=incident, customer=asked_customer(request), actor=user, now=now)


@deed("act_on_incidents")
def let_go(request: HttpRequest, user: User, incident: Incident, now: datetime) -> None:
    """It does not touch a customer after all."""
    actions.remove_customer(incident=incident, customer=asked_customer(request), actor=user, now=now)


def asked_customer(request: HttpRequest) -> Customer:
    """The customer that the form names. Raises Refused."""
    found = Customer.objects.filter(ref=request.POST.get("customer", "")[:16].replace("\x00", "")).first()
    if found is None:
        raise Refused(_("Choose a customer."))
    return found
