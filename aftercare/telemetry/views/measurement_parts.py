"""The parts of a measurement's page that read its points: the chart, and the split by a label."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused
from aftercare.telemetry import words
from aftercare.telemetry.queries.measurements import Label, Name, chart_of, split_of
from aftercare.telemetry.queries.measurements.charts import MOST_VALUES
from aftercare.telemetry.schema.measured import OF_GAUGES
from aftercare.telemetry.schema.ucum import Shown
from aftercare.telemetry.views.measuring import AskedMeasurement


def chart_context(asked: AskedMeasurement, measurement: Name, reading: str) -> dict[str, Any]:
    """The chart's data, empty where nothing is known in this time. Raises TooMuch."""
    times, steps = chart_of(asked.chosen(measurement.kind), reading, asked.window.start, asked.window.end)
    known = [step for step in steps if step is not None]
    shown = shown_in(measurement, reading, [value for value, _points in known])
    data = {
        "times": times,
        "series": [
            {
                "label": str(words.READ_AS[reading]),
                "values": [shown.value(step[0]) if step else None for step in steps],
                "volume": [step[1] if step else None for step in steps],
            }
        ],
        "unit": shown.unit,
        "digits": shown.digits,
        "noun": _("points"),
        "min": None if reading in OF_GAUGES else 0,
    }
    last = shown.value(known[-1][0]) if known else None
    return {"data": data if known else {}, "last": last, "shown": shown, "points": sum(n for _value, n in known)}


def shown_in(measurement: Name, reading: str, values: Sequence[float]) -> Shown:
    """How these values are written."""
    most = max(map(abs, values), default=0.0)
    return words.measured_in(words.unit_read(measurement.name, measurement.unit, reading, measurement.kind), most)


def split_context(asked: AskedMeasurement, measurement: Name, reading: str, labels: Sequence[Label]) -> dict[str, Any]:
    """The split by the asked label. Raises Refused for a label that no series has, TooMuch."""
    if not asked.by:
        return {}
    label = next((label for label in labels if label.name == asked.by), None)
    if label is None:
        raise Refused(
            _("No series of %(name)s has a label “%(label)s”.") % {"name": asked.name, "label": asked.by[:60]}
        )
    if label.count > MOST_VALUES:
        return {"crowded": label, "most_values": MOST_VALUES}
    times = asked.window.start, asked.window.end
    split = split_of(asked.app, asked.name, [measurement.kind], asked.labels, asked.by, reading, *times)
    shown = shown_in(measurement, reading, [part.measured[0] for part in split.parts])
    rows = [
        {
            "value": part.value,
            "shown": shown.value(part.measured[0]),
            "points": part.measured[1],
            "series": [shown.value(value) for value in part.series],
            "url": asked.narrowed(asked.by, part.value) if part.value else "",
        }
        for part in split.parts
    ]
    return {"split": rows, "split_shown": shown, "others": split.values - len(split.parts)}
