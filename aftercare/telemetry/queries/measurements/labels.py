"""The labels of a measurement's series and their values."""

from datetime import datetime

from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.measurements.chosen import Chosen, days_of
from aftercare.telemetry.queries.measurements.names import Label
from aftercare.telemetry.queries.reading import epoch_ms_of

VALUES_SHOWN = 6


def count_series(chosen: Chosen, start: datetime, end: datetime) -> int:
    """How many series are chosen that may have points in this time."""
    sql = f"SELECT uniqExact(id) FROM series WHERE {chosen.where}"
    parameters = {**chosen.parameters, **days_of(epoch_ms_of(start), epoch_ms_of(end))}
    return int(ask("measurements.series", sql, parameters)[0][0])


def list_labels(chosen: Chosen, start: datetime, end: datetime) -> list[Label]:
    """The labels of the chosen series with their most frequent values, by name."""
    rows = ask(
        "measurements.labels",
        f"SELECT label, count(), groupArray({VALUES_SHOWN})(value) FROM ("
        "SELECT pair.1 AS label, pair.2 AS value, count() AS series FROM ("
        f"SELECT arrayJoin(CAST(labels, 'Array(Tuple(String, String))')) AS pair FROM series WHERE {chosen.where}) "
        "GROUP BY label, value ORDER BY series DESC, value) GROUP BY label ORDER BY label",
        {**chosen.parameters, **days_of(epoch_ms_of(start), epoch_ms_of(end))},
    )
    return [Label(name, count, tuple(values)) for name, count, values in rows]
