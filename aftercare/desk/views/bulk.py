"""The same done to many tickets at once, and what became of each."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from aftercare.desk import actions
from aftercare.desk.views.saved import staff_member
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Do it, and tell what became of each ticket."""
    user = staff_member(request)
    refs, what, value = request.POST.getlist("ticket"), request.POST.get("do", ""), request.POST.get("value", "")
    error, outcomes = "", list[actions.Outcome]()
    try:
        outcomes = actions.do_in_bulk(refs=refs, what=what, value=value, user=user, now=utc_now())
    except Refused as refused:
        error = refused.sentence
    done = sum(not outcome.why_not for outcome in outcomes)
    context = {"outcomes": outcomes, "error": error, "done": done, "failed": len(outcomes) - done}
    return render(request, "desk/bulk.html", context, status=409 if error else 200)
