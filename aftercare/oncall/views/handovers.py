"""Changes of shift: the note, and signing in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import can, needs, person, provider_only, require
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions
from aftercare.oncall.access import get_handover_for
from aftercare.oncall.queries.handovers import handovers
from aftercare.web.paging import page_of


@provider_only
@require_GET
def handover_list(request: HttpRequest) -> HttpResponse:
    """All of them, the newest first."""
    return render(request, "oncall/handovers.html", {"handovers": page_of(handovers(), request)})


@provider_only
@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, ref: str) -> HttpResponse:
    """One, with its note; POST betters the note. A refusal keeps what was written."""
    found, user = get_handover_for(request.user, ref), person(request)
    note, wrong = found.note, ""
    if request.method == "POST":
        require(user, "acknowledge_pages")
        note, told = request.POST.get("note", ""), request.POST.get("version", "")
        try:
            actions.write_note(
                handover=found, note=note, version=int(told) if told.isdigit() else 0, user=user, now=utc_now()
            )
        except Refused as refused:
            wrong = refused.sentence
        else:
            messages.success(request, _("The note is kept."))
            return redirect("oncall:handover", found.ref)
    sign_ins = list(found.sign_ins.select_related("user"))
    context = {
        "handover": found,
        "note": note,
        "wrong": wrong,
        "sign_ins": sign_ins,
        "own": next((one for one in sign_ins if one.user_id == user.pk and one.signed_at is None), None),
        "may_write": can(user, "acknowledge_pages"),
    }
    return render(request, "oncall/handover.html", context, status=400 if wrong else 200)


@provider_only
@needs("acknowledge_pages")
@require_POST
def sign_in(request: HttpRequest, ref: str) -> HttpResponse:
    """I am there and have read the note."""
    found = get_handover_for(request.user, ref)
    try:
        actions.sign_in(handover=found, user=person(request), now=utc_now())
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("You are signed in."))
    return redirect("oncall:handover", found.ref)
