"""What was sent to me."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from aftercare.accounts.access import person
from aftercare.notify.models import CONTACT_CHANNELS, State
from aftercare.notify.queries import DeliveryFilter, list_deliveries
from aftercare.web.paging import page_of


@login_required
@require_GET
def notifications(request: HttpRequest) -> HttpResponse:
    """My notifications, newest first, filtered by the address."""
    wanted = filter_of(request)
    context = {
        "page": page_of(list_deliveries(person(request), wanted), request, per_page=50),
        "filters": filters_of(wanted),
        "search": {"name": "q", "label": _("Words"), "value": wanted.words},
        "is_filtered": wanted != DeliveryFilter(),
    }
    return render(request, "notify/notifications.html", context)


def filter_of(request: HttpRequest) -> DeliveryFilter:
    """What the address asks for; a channel or result that does not exist narrows nothing."""
    channel, state = request.GET.get("channel", ""), request.GET.get("state", "")
    return DeliveryFilter(
        channel=channel if channel in CONTACT_CHANNELS else "",
        state=state if state in State.values else "",
        words=request.GET.get("q", "").replace("\x00", "").strip()[:100],
    )


def filters_of(wanted: DeliveryFilter) -> list[dict[str, Any]]:
    """The choosers above the list."""
    anything = ("", _("any"))
    return [
        {
            "name": "channel",
            "label": _("Sent by"),
            "value": wanted.channel,
            "choices": [anything, *((c.value, c.label) for c in CONTACT_CHANNELS)],
        },
        {"name": "state", "label": _("Result"), "value": wanted.state, "choices": [anything, *State.choices]},
    ]
