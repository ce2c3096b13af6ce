"""A customer opens a ticket."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from aftercare.accounts.access import person, require
from aftercare.desk.actions import open_ticket
from aftercare.desk.forms import TicketForm
from aftercare.desk.models import Attachment
from aftercare.desk.views.files import files_still_unsent, files_to_send
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


@login_required
def new_ticket(request: HttpRequest) -> HttpResponse:
    """The form, and what it makes. The customer is the signed-in person's, never the payload's."""
    user = person(request)
    if user.customer_id is None:
        raise Http404
    require(user, "open_tickets")
    now = utc_now()
    initial = {"app": request.GET.get("app", ""), "kind": request.GET.get("kind", "")}
    form = TicketForm(user, request.POST or None, initial=initial)
    files: list[Attachment] = []
    if request.method == "POST":
        try:
            files = files_to_send(request, user, now)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "unsent_files": files_still_unsent(request), "file_limit": settings.FILE_MAX_BYTES}
        return render(request, "desk/new_ticket.html", context, status=400 if form.errors else 200)
    asked = form.cleaned_data
    ticket = open_ticket(
        customer_id=user.customer_id,
        app_id=asked["app"].pk if asked["app"] else None,
        title=asked["title"],
        severity=asked["severity"],
        body=asked["body"],
        kind=asked["kind"],
        fields=form.answers(),
        opened_by=user,
        attachments=files,
        now=now,
    )
    return redirect("desk:ticket", ticket.ref)
