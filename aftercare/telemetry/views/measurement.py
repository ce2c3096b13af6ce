"""One measurement: its chart, narrowed by labels and split by one."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from aftercare.accounts.access import get_app_for, needs
from aftercare.kernel.clock import utc_now
from aftercare.telemetry import words
from aftercare.telemetry.queries.measurements import (
    Label,
    Name,
    TooMuch,
    count_series,
    find_name,
    list_labels,
)
from aftercare.telemetry.queries.measurements.charts import MOST_VALUES
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.schema.measured import CATALOG, readings_of
from aftercare.telemetry.views.asked import SPANS, with_sentences
from aftercare.telemetry.views.measurement_parts import chart_context, split_context
from aftercare.telemetry.views.measuring import AskedMeasurement, read_measurement

# As many conditions as an alert rule has.
WATCHED_LABELS = 3


@needs("see_telemetry")
@with_sentences
def measurement_page(request: HttpRequest, ref: str, name: str) -> HttpResponseBase:
    """The chart over the asked time with its labels; what is not known, or too much, is said in its place.

    A form narrows by a label's name and value (`narrow`, `value`): it is sent on to the address that says so.
    """
    app = get_app_for(request.user, ref)
    asked = read_measurement(request, app, name, utc_now())
    if request.GET.get("narrow"):
        return redirect(request.path + asked.narrowed(request.GET["narrow"], request.GET.get("value", "").strip()))
    found = find_name(app, name, asked.window.start, asked.window.end)
    context = {
        "app": app,
        "place": "measurements",
        "asked": asked,
        "ranges": [
            {"label": words.RANGES[span], "url": ranged(asked, span), "is_current": span == asked.window.range}
            for span in SPANS
        ],
        "chips": [
            {"label": label, "value": value, "url": asked.narrowed(label, None)}
            for label, value in asked.labels.items()
        ],
        "catalog": [METRICS[key] for key in CATALOG.get(name, ())],
    }
    if found:
        context |= known_context(asked, asked.measurement(found), found)
    return render(request, "telemetry/measurement.html", context)


def watched(asked: AskedMeasurement, reading: str) -> str:
    """What the form of a new alert rule is told of this question, by its address; "" for more labels than it takes."""
    if len(asked.labels) > WATCHED_LABELS:
        return ""
    said = {"about": "measurement", "app": asked.app.ref, "measurement": asked.name, "read": reading}
    for place, (label, value) in enumerate(asked.labels.items(), 1):
        said |= {f"dimension{place}": label, f"value{place}": value}
    return f"?{urlencode(said)}"


def ranged(asked: AskedMeasurement, span: str) -> str:
    """The address of another time range."""
    return asked.linked({}, **{"from": None, "to": None}, range=span)


def known_context(asked: AskedMeasurement, measurement: Name, found: Sequence[Name]) -> dict[str, Any]:
    """What the page shows of a name that has series: choosers, labels, chart and split."""
    kind, reading = measurement.kind, asked.read_as(measurement.kind)
    chosen, window = asked.chosen(kind), asked.window
    labels = list_labels(chosen, window.start, window.end)
    context = {
        "measurement": measurement,
        "kind": words.SERIES_KINDS[kind],
        "kinds": [(one.kind, words.SERIES_KINDS[one.kind]) for one in found],
        "reading": reading,
        "watched": watched(asked, reading),
        "readings": [(one, words.READ_AS[one]) for one in readings_of(kind)],
        "title": _("%(name)s, %(reading)s") % {"name": asked.name, "reading": words.read_as(reading)},
        "series_count": count_series(chosen, window.start, window.end),
        "labels": [label_row(asked, label) for label in labels],
        "hidden": hidden(asked),
    }
    try:
        return context | chart_context(asked, measurement, reading) | split_context(asked, measurement, reading, labels)
    except TooMuch:
        return context | {"is_too_much": True}


def hidden(asked: AskedMeasurement) -> list[tuple[str, str]]:
    """What the choosers' form carries on."""
    return [*asked.window_query().items(), *((f"label.{label}", value) for label, value in asked.labels.items())]


def label_row(asked: AskedMeasurement, label: Label) -> dict[str, Any]:
    """A label with links to its most frequent values and to the split by it."""
    linked = [(value, asked.narrowed(label.name, value)) for value in label.values]
    return {
        "label": label,
        "values": [] if label.name in asked.labels else linked,
        "more": label.count - len(label.values),
        "split": asked.query(by=label.name) if 1 < label.count <= MOST_VALUES else "",
        "is_chosen": label.name == asked.by,
    }
