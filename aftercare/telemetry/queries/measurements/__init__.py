"""What is asked of measurements under names of their own: which there are, and how they went."""

from aftercare.telemetry.queries.measurements.charts import TooMuch, chart_of, measured_series, split_of
from aftercare.telemetry.queries.measurements.chosen import Chosen, Span, chosen_of
from aftercare.telemetry.queries.measurements.labels import count_series, list_labels
from aftercare.telemetry.queries.measurements.measure import measure
from aftercare.telemetry.queries.measurements.names import Label, Name, count_names, find_name, list_names

__all__ = [
    "Chosen",
    "Label",
    "Name",
    "Span",
    "TooMuch",
    "chart_of",
    "chosen_of",
    "count_names",
    "count_series",
    "find_name",
    "list_labels",
    "list_names",
    "measure",
    "measured_series",
    "split_of",
]
