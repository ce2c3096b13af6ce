"""What an app's own page shows of its monitors, loaded into it by address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aftercare.accounts.access import get_app_for, needs, person
from aftercare.watch.queries import count_by_status, open_alerts
from aftercare.watch.views.monitors import summary


@needs("see_telemetry")
def app_monitors(request: HttpRequest, ref: str) -> HttpResponse:
    """The app's open alerts and how many monitors are in which state."""
    user = person(request)
    app = get_app_for(user, ref)
    context = {"app": app, "alerts": open_alerts(app), "summary": summary(count_by_status(user, app.ref))}
    return render(request, "watch/_app.html", context)
