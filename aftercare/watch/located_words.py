"""Where an alert's trouble sits, in sentences, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from aftercare.telemetry import words
from aftercare.telemetry.schema.catalog import METRICS, Metric
from aftercare.watch.models import Alert
from aftercare.web.render.numbers import number, with_unit

# What explains this share of the trouble is named in one line.
MOSTLY = 0.5


def causes_of(alert: Alert) -> list[str]:
    """`Province = 广东, Carrier = CMCC: 12.1%, elsewhere 0.4%; 92% of the trouble`, the strongest first."""
    metric = METRICS.get(alert.metric)
    if metric is None:
        return []
    return [sentence(metric, told) for told in alert.located.get("causes", [])]


def place_of(alert: Alert) -> str:
    """The combination that explains most of the alert, where one explains more than half; else ""."""
    told = max(alert.located.get("causes", []), key=lambda one: one["explains"], default=None)
    return place(told["values"]) if told and told["explains"] >= MOSTLY else ""


def sentence(metric: Metric, told: Mapping[str, Any]) -> str:
    """One cause with its figures."""
    values = {
        "where": place(told["values"]),
        "inside": value_of(metric, told["inside"]),
        "outside": value_of(metric, told["outside"]),
        "share": number(min(100.0, 100 * told["explains"]), 0),
    }
    if told["outside"] is None:
        return _("%(where)s: %(inside)s") % values
    return _("%(where)s: %(inside)s, elsewhere %(outside)s; %(share)s%% of the trouble") % values


def place(values: Mapping[str, str]) -> str:
    """The combination by the dimensions' names."""
    names = {**words.DIMENSIONS, "stream": _("Room or stream")}
    return _(", ").join(f"{names.get(name, name)} = {value or _('not told')}" for name, value in sorted(values.items()))


def value_of(metric: Metric, value: float | None) -> str:
    """A value of the metric with its unit."""
    shown = words.shown_value(metric, value)
    return "" if shown is None else with_unit(number(shown, words.digits_of(metric)), words.unit_of(metric))
