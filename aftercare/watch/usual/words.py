"""What was expected of an alert's metric, in a sentence, in the reader's language."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftercare.telemetry import words
from aftercare.telemetry.schema.catalog import METRICS, Metric
from aftercare.watch.models import Alert, Kind
from aftercare.web.render.numbers import number, with_unit


def usual_words(alert: Alert, zone: str = "") -> str:
    """`usual for Monday 21:00 is 97.8–98.9%`; "" for an alert of a plain limit, or from elsewhere.

    The hour is that of the zone, without one the reader's.
    """
    sentences = {Kind.ANOMALY.value: of_band, Kind.BURN_RATE.value: of_burn, Kind.ABSENCE.value: of_absence}
    sentence = sentences.get(alert.kind)
    return sentence(alert, alert.expected, zone) if sentence else ""


def of_band(alert: Alert, told: Mapping[str, Any], zone: str) -> str:
    """The band in which 99 of 100 such values lie, at the hour and day when it opened."""
    metric, ends = METRICS.get(alert.metric), (told["shown_low"], told["shown_high"])
    at = timezone.localtime(alert.opened_at, ZoneInfo(zone) if zone else None)
    values = {"when": date_format(at, "l H:i"), "band": band(metric, *ends) if metric else measured_band(alert, *ends)}
    if not told.get("days"):
        return _("usual since it began to report is %(band)s") % values
    return _("usual for %(when)s is %(band)s") % values


def band(metric: Metric, low: float, high: float) -> str:
    """From and to with one unit: `97.8–98.9%`."""
    digits = words.digits_of(metric)
    ends = [number(words.shown_value(metric, one) or 0.0, digits) for one in (low, high)]
    return with_unit("–".join(ends), words.unit_of(metric))


def measured_band(alert: Alert, low: float, high: float) -> str:
    """From and to in the unit of the measurement."""
    written = words.measured_in(alert.unit, max(abs(low), abs(high)))
    return with_unit("–".join(f"{end / written.size:,.6g}" for end in (low, high)), written.unit)


def of_burn(_alert: Alert, told: Mapping[str, Any], _zone: str) -> str:
    """How fast, and over which windows."""
    values = {"burn": number(told["burn"]), "long": span(told["long_s"]), "short": span(told["short_s"])}
    return _("%(burn)s times as fast as the objective allows over %(long)s, and still over %(short)s") % values


def of_absence(_alert: Alert, told: Mapping[str, Any], _zone: str) -> str:
    """How often something is there at this hour."""
    if told.get("presence") is None:
        return _("something was reported until now")
    values = {"share": number(100 * told["presence"], 0)}
    return _("at this hour something is reported on %(share)s%% of the days") % values


def span(seconds: int) -> str:
    """A window in the unit that fits: `1 hour`, `30 min`, `3 days`."""
    if seconds % 86_400 == 0:
        return ngettext("%(n)d day", "%(n)d days", seconds // 86_400) % {"n": seconds // 86_400}
    if seconds % 3600 == 0:
        return ngettext("%(n)d hour", "%(n)d hours", seconds // 3600) % {"n": seconds // 3600}
    return _("%(n)d min") % {"n": seconds // 60}
