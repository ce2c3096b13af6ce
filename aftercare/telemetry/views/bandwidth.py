"""Bandwidth as bills count it, by calendar month of the customer's zone."""

import zoneinfo
from datetime import datetime, tzinfo
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from aftercare.accounts.access import get_app_for, needs
from aftercare.accounts.models import App
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.telemetry.queries import metric_series
from aftercare.telemetry.queries.bills import BilledBandwidth, Month, billed_bandwidth, months_kept
from aftercare.telemetry.schema.monthly import MONTHLY
from aftercare.telemetry.views.asked import with_sentences
from aftercare.web.reader import zone_named


@needs("see_telemetry")
@with_sentences
def bandwidth(request: HttpRequest, ref: str) -> HttpResponse:
    """A month's 95th percentile, mean of daily peaks, and the traffic's course; `?month=2026-11`, else this month."""
    app = get_app_for(request.user, ref)
    now = utc_now()
    months = months_kept(now, zone_of(app))
    month = asked_month(request.GET.get("month", ""), months)
    billed = billed_bandwidth(app, month, now=now)
    return render(
        request,
        "telemetry/bandwidth.html",
        {
            "app": app,
            "place": "bandwidth",
            "billed": billed,
            "figures": figures(billed),
            "data": chart(app, month, now) if billed.slots else {},
            "month": month_name(month),
            "is_going_on": month == months[0],
            "months": [(kept.name, month_name(kept), kept == month) for kept in months],
        },
    )


def zone_of(app: App) -> tzinfo:
    """The zone of the customer's months and days."""
    return zone_named(app.customer.timezone) or zoneinfo.ZoneInfo("UTC")


def asked_month(name: str, months: list[Month]) -> Month:
    """The month of this name, without one the present. Raises Refused for one whose slots are not kept."""
    found = next((month for month in months if month.name == (name or months[0].name)), None)
    if found is None:
        known = {"this": months[0].name, "last": months[1].name}
        raise Refused(_("“month” must be %(this)s or %(last)s: five-minute slots are kept for 70 days.") % known)
    return found


def month_name(month: Month) -> str:
    """The month in the reader's language."""
    return date_format(month.first, "YEAR_MONTH_FORMAT")


def figures(billed: BilledBandwidth) -> list[dict[str, Any]]:
    """The catalog's figures of a month with their values."""
    values = {"bandwidth_p95": billed.p95_mbps, "bandwidth_daily_peaks": billed.mean_of_daily_peaks_mbps}
    return [{"figure": figure, "value": values[figure.key]} for figure in MONTHLY]


def chart(app: App, month: Month, now: datetime) -> dict[str, Any]:
    """The month's traffic over time, as the chart wants it."""
    points = metric_series(app, "bandwidth", month.start, min(month.end, now), now=now)
    return {
        "times": [int(at.timestamp()) for at, _value, _volume in points],
        "series": [{"label": "", "values": [value for _at, value, _volume in points]}],
        "unit": "Mbps",
        "digits": 1,
        "min": 0,
    }
