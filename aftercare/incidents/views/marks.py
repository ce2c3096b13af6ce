"""An app's incidents as marks on its time charts, loaded by address: the charts' room does not know incidents."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from aftercare.accounts.access import get_app_for, person
from aftercare.incidents.access import incidents_for
from aftercare.incidents.queries import about
from aftercare.kernel.errors import Refused
from aftercare.web.errors import bad_request

# More would not be told apart on a chart; the newest are shown.
MOST = 30
BOUNDS = {"from": "opened_at__gte", "to": "opened_at__lte"}
OUR_YEARS = range(2000, 2100)


@login_required
def marks(request: HttpRequest, ref: str) -> HttpResponse:
    """`{marks: [{at, label, url}]}` of the incidents opened from `from` to `to` (ISO 8601); `at` in epoch seconds.

    Without one of them the span is open on that side.
    """
    user = person(request)
    app = get_app_for(user, ref)
    said = {name: request.GET[name] for name in ("from", "to") if request.GET.get(name)}
    try:
        asked = {BOUNDS[name]: read_instant(name, text) for name, text in said.items()}
    except Refused as refused:
        return bad_request(request, refused)
    incidents = incidents_for(user).filter(about(app), merged_into=None, **asked)
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


def read_instant(name: str, text: str) -> datetime:
    """An ISO 8601 instant of our time; one without a zone is in the reader's. Raises Refused naming the parameter."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.year not in OUR_YEARS:
        raise Refused(_("“%(name)s” must be a time like 2026-01-31T20:00:00Z.") % {"name": name})
    return at if at.tzinfo else timezone.make_aware(at)
