"""An app's incidents as marks on its time charts, loaded by address: the charts' room does not know incidents."""

from datetime import UTC, datetime
from math import nan

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from aftercare.accounts.access import get_app_for, person
from aftercare.incidents.access import incidents_for
from aftercare.kernel.errors import Refused
from aftercare.web.errors import bad_request

# More would not be told apart on a chart; the newest are shown.
MOST = 30
LATEST = 4_000_000_000


@login_required
def marks(request: HttpRequest, ref: str) -> HttpResponse:
    """`{marks: [{at, label, url}]}` of the incidents opened between `from` and `to`, all times in epoch seconds.

    Without one of them the span is open on that side.
    """
    user = person(request)
    app = get_app_for(user, ref)
    bounds = {"opened_at__gte": request.GET.get("from"), "opened_at__lte": request.GET.get("to")}
    try:
        asked = {bound: read_seconds(text) for bound, text in bounds.items() if text}
    except Refused as refused:
        return bad_request(request, refused)
    incidents = incidents_for(user).filter(app=app, **asked)
    found = sorted(incidents.order_by("-opened_at")[:MOST], key=lambda incident: incident.opened_at)
    return JsonResponse(
        {
            "marks": [
                {
                    "at": incident.opened_at.timestamp(),
                    "label": incident.display_title,
                    "url": reverse("incidents:incident", args=[incident.ref]),
                }
                for incident in found
            ]
        }
    )


def read_seconds(text: str) -> datetime:
    """An instant in epoch seconds. Raises Refused with a sentence."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = nan
    if not 0 <= seconds < LATEST:
        raise Refused(_("“from” and “to” must be seconds since 1970."))
    return datetime.fromtimestamp(seconds, UTC)
