"""Mails that opened no ticket by themselves: a person places them with a customer, or puts them away."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from aftercare.accounts.access import can, needs, person, provider_only
from aftercare.desk.mail import placing
from aftercare.desk.mail.addresses import domain_of, is_public_domain
from aftercare.desk.mail.forms import PlaceForm
from aftercare.desk.mail.parsing import parse_mail
from aftercare.desk.models import AsideMail, AsideReason, AsideState
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.paging import page_of


@require_GET
@provider_only
@needs("reply_to_tickets")
def aside_mails(request: HttpRequest) -> HttpResponse:
    """What waits to be placed, the newest first; people before machines."""
    reason = request.GET.get("reason", "people")
    state = request.GET.get("state", AsideState.WAITING)
    mails = placing.list_aside(reason=reason, state=state)
    reasons = [("people", _("written by people")), ("", _("all")), *AsideReason.choices]
    context = {
        "page": page_of(mails, request, per_page=50),
        "filters": [
            {"name": "reason", "label": _("Kind"), "value": reason, "choices": reasons},
            {"name": "state", "label": _("State"), "value": state, "choices": [*AsideState.choices, ("all", _("all"))]},
        ],
        "may_manage": can(request.user, "manage_accounts"),
    }
    return render(request, "desk/aside_mails.html", context)


@require_GET
@provider_only
@needs("reply_to_tickets")
def aside_mail(request: HttpRequest, ref: str) -> HttpResponse:
    """One of them, its words read again from its bytes."""
    return render(request, "desk/aside_mail.html", context_of(get_object_or_404(AsideMail, ref=ref), PlaceForm()))


def context_of(aside: AsideMail, form: PlaceForm) -> dict[str, object]:
    """What the page of one mail shows."""
    domain = domain_of(aside.address)
    return {
        "aside": aside,
        "mail": parse_mail(bytes(aside.inbound.raw or b"")),
        "form": form,
        "domain": "" if is_public_domain(domain) else domain,
        "is_open": aside.state != AsideState.PLACED and aside.address,
    }


@require_POST
@provider_only
@needs("reply_to_tickets")
def aside_placing(request: HttpRequest, ref: str) -> HttpResponse:
    """Open its ticket."""
    aside = get_object_or_404(AsideMail, ref=ref)
    form = PlaceForm(request.POST)
    if form.is_valid():
        try:
            ticket = placing.place_mail(
                aside=aside,
                customer=form.cleaned_data["customer"],
                with_domain=form.cleaned_data["with_domain"],
                actor=person(request),
                now=utc_now(),
            )
            return redirect("desk:ticket", ticket.ref)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return render(request, "desk/aside_mail.html", context_of(aside, form), status=409)


@require_POST
@provider_only
@needs("reply_to_tickets")
def aside_dropping(request: HttpRequest, ref: str) -> HttpResponse:
    """Put it away."""
    try:
        placing.drop_mail(aside=get_object_or_404(AsideMail, ref=ref), actor=person(request), now=utc_now())
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("desk:aside_mails")
