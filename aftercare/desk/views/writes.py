"""What people do to a ticket: each is a POST that ends in a redirect, or in the page with the reason why not."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aftercare.accounts.access import people_for, person, require
from aftercare.accounts.models import User
from aftercare.desk import actions
from aftercare.desk.access import get_ticket_for
from aftercare.desk.macros import macros_for
from aftercare.desk.models import Ticket
from aftercare.desk.views.files import files_still_unsent, files_to_send
from aftercare.desk.views.ticket import ticket_context
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

Deed = Callable[[HttpRequest, User, Ticket, datetime], object]


def deed(
    *, provider: bool = False, customer: bool = False, briefly: bool = False
) -> Callable[[Deed], Callable[..., HttpResponse]]:
    """A view out of a deed: stranger 404, read-only member 403, a refusal 409 with the draft kept.

    `provider` and `customer` say whose deed it is, when it belongs to one side alone. Where many press at once and all
    but one are refused, they are told so `briefly`, without the whole ticket.
    """

    def make(do: Deed) -> Callable[..., HttpResponse]:
        @login_required
        @require_POST
        def view(request: HttpRequest, ref: str) -> HttpResponse:
            user = person(request)
            ticket = get_ticket_for(user, ref)
            require(user, "reply_to_tickets")
            if (provider and not user.is_provider) or (customer and user.is_provider):
                raise Http404
            try:
                do(request, user, ticket, utc_now())
            except Refused as refused:
                if briefly:
                    told = {"ticket": ticket, "error": refused.sentence}
                    return render(request, "desk/refused.html", told, status=409)
                draft = request.POST.get("body", "")
                is_note = request.POST.get("internal") == "1"
                fresh = get_ticket_for(user, ref)
                context = ticket_context(
                    user,
                    fresh,
                    error=refused.sentence,
                    draft=draft,
                    draft_is_note=is_note,
                    unsent_files=files_still_unsent(request),
                )
                return render(request, "desk/ticket.html", context, status=409)
            return redirect(reverse("desk:ticket", args=[ref]) + "#latest")

        return view

    return make


def version_of(request: HttpRequest) -> int:
    """The version the person was looking at. Raises Refused when the form does not say."""
    text = request.POST.get("version", "")
    if not text.isdecimal() or len(text) > 9:
        raise Refused(_("The form is incomplete. Reload the page and try again."))
    return int(text)


@deed()
def post_message(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """A reply or, from the provider, an internal note; colleagues do not talk over each other, customers may."""
    internal = request.POST.get("internal") == "1"
    version = version_of(request) if user.is_provider and not internal else None
    body, then = request.POST.get("body", ""), request.POST.get("then", "")
    files = files_to_send(request, user, now)
    if not body.strip() and files and all(file.refused for file in files):
        raise Refused(files[0].why_refused)
    ref = request.POST.get("macro", "").replace("\x00", "")[:16]
    actions.answer_ticket(
        ticket=ticket,
        author=user,
        body=body,
        internal=internal,
        version=version,
        attachments=files,
        then=then,
        macro=macros_for(user).filter(ref=ref).first() if ref else None,
        now=now,
    )


@deed(provider=True, briefly=True)
def claim(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Take it; the second is told who has it."""
    actions.claim_ticket(ticket=ticket, user=user, now=now)
    messages.success(request, _("The ticket is yours."))


@deed(provider=True)
def assign(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Hand it to a colleague, or back to the queue."""
    ref = request.POST.get("assignee", "").replace("\x00", "")
    assignee = people_for(user).filter(ref=ref, customer__isnull=True).first() if ref else None
    if ref and assignee is None:
        raise Refused(_("Choose a colleague who can still sign in."))
    actions.assign_ticket(ticket=ticket, assignee=assignee, actor=user, version=version_of(request), now=now)


@deed(provider=True)
def grade(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Change the severity."""
    severity = request.POST.get("severity", "")
    actions.set_severity(ticket=ticket, severity=severity, user=user, version=version_of(request), now=now)


@deed(provider=True)
def solve(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Call it solved."""
    actions.resolve_ticket(ticket=ticket, user=user, version=version_of(request), now=now)


@deed()
def reopen(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Take it up again."""
    actions.reopen_ticket(ticket=ticket, user=user, now=now)


@deed(customer=True)
def confirm(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """The customer says it is over."""
    actions.close_ticket(ticket=ticket, user=user, now=now)
