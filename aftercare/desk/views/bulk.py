"""The same done to many tickets at once: each in a transaction of its own, and what became of each told."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aftercare.accounts.access import people_for
from aftercare.accounts.models import User
from aftercare.desk import actions
from aftercare.desk.access import tickets_for
from aftercare.desk.macros import macros_for
from aftercare.desk.models import Macro, Ticket
from aftercare.desk.views.macros import apply_macro
from aftercare.desk.views.saved import staff_member
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

AT_ONCE = 100


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Do it, and tell what became of each ticket."""
    user = staff_member(request)
    refs = [ref.replace("\x00", "")[:16] for ref in request.POST.getlist("ticket")][:AT_ONCE]
    known = {ticket.ref: ticket for ticket in tickets_for(user).filter(ref__in=refs)}
    tickets = [known[ref] for ref in dict.fromkeys(refs) if ref in known]
    error, outcomes = "", []
    try:
        outcomes = actions.one_by_one(tickets, deed_of(request, user, utc_now()))
    except Refused as refused:
        error = refused.sentence
    if not tickets:
        error = _("No ticket was chosen. Choose some in the list, with x or by their boxes.")
    done = sum(not outcome.why_not for outcome in outcomes)
    context = {"outcomes": outcomes, "error": error, "done": done, "failed": len(outcomes) - done}
    return render(request, "desk/bulk.html", context, status=409 if error else 200)


def deed_of(request: HttpRequest, user: User, now: datetime) -> Callable[[Ticket], object]:
    """What is to be done to each ticket. Raises Refused for nothing that can be done."""
    what, value = request.POST.get("do", ""), request.POST.get("value", "").replace("\x00", "")
    kind, _colon, chosen = what.partition(":")
    match kind:
        case "claim":
            return lambda ticket: actions.claim_ticket(ticket=ticket, user=user, now=now)
        case "solve":
            return lambda ticket: actions.resolve_ticket(ticket=ticket, user=user, now=now)
        case "severity":
            return lambda ticket: actions.set_severity(ticket=ticket, severity=chosen, user=user, now=now)
        case "assign":
            to = people_for(user).filter(ref=chosen[:16], customer__isnull=True).first()
            if to is None:
                raise Refused(_("Choose a colleague who can still sign in."))
            return lambda ticket: actions.assign_ticket(
                ticket=ticket, assignee=to, actor=user, version=ticket.version, now=now
            )
        case "tag" if value.strip():
            added = value.replace("，", " ").replace(",", " ").split()
            return lambda ticket: actions.tag_ticket(
                ticket=ticket, names=[*ticket.tags.values_list("name", flat=True), *added], actor=user, now=now
            )
        case "snooze":
            until = now + timedelta(days=1)
            return lambda ticket: actions.snooze_ticket(ticket=ticket, until=until, user=user, now=now)
        case "macro":
            macro: Macro | None = macros_for(user).filter(ref=chosen[:16]).first()
            if macro is not None:
                return lambda ticket: apply_macro(macro, ticket, user, now)
    raise Refused(_("Choose what to do with the tickets."))
