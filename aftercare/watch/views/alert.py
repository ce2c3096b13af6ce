"""The page of one alert from elsewhere, and closing it by hand."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from aftercare.accounts.access import can, needs, person, require
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.watch.access import alerts_for
from aftercare.watch.actions import close_told
from aftercare.watch.models import Alert


@needs("see_telemetry")
def alert_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One alert in its own words; that of a rule is shown on the rule's page."""
    user = person(request)
    alert = get_object_or_404(alerts_for(user), ref=ref)
    if alert.monitor is not None:
        if alert.monitor.deleted_at:
            raise Http404
        return redirect("watch:monitor", alert.monitor.ref)
    return shown(request, alert)


@require_POST
@needs("see_telemetry")
def alert_closing(request: HttpRequest, ref: str) -> HttpResponse:
    """Close an alert whose source will not say that it is over; for the provider's people."""
    user = person(request)
    alert = get_object_or_404(alerts_for(user), ref=ref)
    require(user, "act_on_incidents")
    try:
        close_told(alert=alert, actor=user, now=utc_now())
    except Refused as refused:
        return shown(request, alert, error=refused.sentence)
    return redirect("watch:alert", alert.ref)


def shown(request: HttpRequest, alert: Alert, error: str = "") -> HttpResponse:
    """The page, with the sentence of what was refused."""
    user = person(request)
    may_close = alert.is_open and alert.source is not None and can(user, "act_on_incidents")
    context = {"alert": alert, "may_close": may_close, "error": error}
    return render(request, "watch/alert.html", context, status=409 if error else 200)
