"""Bandwidth as bills count it, by month of the customer's zone."""

import zoneinfo
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aftercare.accounts.access import get_app_for, needs
from aftercare.kernel.clock import utc_now
from aftercare.telemetry.queries import billed_bandwidth, metric_series
from aftercare.telemetry.queries.reading import floored
from aftercare.telemetry.views.asked import with_sentences
from aftercare.web.reader import zone_named

SPAN = timedelta(days=30)


@needs("see_telemetry")
@with_sentences
def bandwidth(request: HttpRequest, ref: str) -> HttpResponse:
    """The last 30 days: the 95th percentile, the mean of the daily peaks, and the traffic's course."""
    app = get_app_for(request.user, ref)
    now = utc_now()
    end = floored(now, 300)
    zone = zone_named(app.customer.timezone) or zoneinfo.ZoneInfo("UTC")
    billed = billed_bandwidth(app, end - SPAN, end, zone=zone, now=now)
    points = metric_series(app, "bandwidth", end - SPAN, end, now=now)
    data = {
        "times": [int(at.timestamp()) for at, _value, _volume in points],
        "series": [{"label": "", "values": [value for _at, value, _volume in points]}],
        "unit": "Mbps",
        "digits": 1,
        "min": 0,
    }
    return render(
        request,
        "telemetry/bandwidth.html",
        {"app": app, "place": "bandwidth", "billed": billed, "data": data, "start": end - SPAN, "end": end},
    )
