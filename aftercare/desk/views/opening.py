"""A customer opens a ticket."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from aftercare.accounts.access import person, require
from aftercare.desk.actions import open_ticket
from aftercare.desk.forms import TicketForm
from aftercare.kernel.clock import utc_now


@login_required
def new_ticket(request: HttpRequest) -> HttpResponse:
    """The form, and what it makes. The customer is the signed-in person's, never the payload's."""
    user = person(request)
    if user.customer_id is None:
        raise Http404
    require(user, "open_tickets")
    form = TicketForm(user, request.POST or None, initial={"app": request.GET.get("app", "")})
    if request.method != "POST" or not form.is_valid():
        return render(request, "desk/new_ticket.html", {"form": form}, status=400 if form.errors else 200)
    asked = form.cleaned_data
    ticket = open_ticket(
        customer_id=user.customer_id,
        app_id=asked["app"].pk if asked["app"] else None,
        title=asked["title"],
        severity=asked["severity"],
        body=asked["body"],
        opened_by=user,
        now=utc_now(),
    )
    return redirect("desk:ticket", ticket.ref)
