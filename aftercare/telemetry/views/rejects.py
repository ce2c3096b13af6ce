"""What was refused at the door of an app, and why."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aftercare.accounts.access import get_app_for, needs
from aftercare.kernel.clock import utc_now
from aftercare.telemetry.queries.rejects import count_rejects, list_rejects, reject_reasons
from aftercare.telemetry.views.asked import with_sentences

KEPT = timedelta(days=7)
LINES = 100


@needs("see_telemetry")
@with_sentences
def reject_list(request: HttpRequest, ref: str) -> HttpResponse:
    """The reasons of the last seven days with their counts, and the newest lines."""
    app = get_app_for(request.user, ref)
    now = utc_now()
    reason = request.GET.get("reason", "")[:500]
    reasons = reject_reasons(app, now - KEPT, now + timedelta(minutes=1))
    lines = list_rejects(app, now - KEPT, now + timedelta(minutes=1), reason=reason, limit=LINES)
    return render(
        request,
        "telemetry/rejects.html",
        {
            "app": app,
            "place": "rejects",
            "reasons": reasons,
            "lines": lines,
            "reason": reason,
            "total": count_rejects(reasons, reason),
        },
    )
