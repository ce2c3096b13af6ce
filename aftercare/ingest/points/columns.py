"""The points of a commit's batches as the columns of their tables."""

from operator import attrgetter
from typing import Any

import numpy as np
import pyarrow as pa

from aftercare.ingest.batches import Batch
from aftercare.ingest.points.series import Defined
from aftercare.telemetry.store.commits import RAW, SERIES, Columns, as_array

OWNERS = (("customer", np.uint32), ("app", np.uint32), ("keep_days", np.uint16))
DISTRIBUTION = ("series", "ts", "count", "sum", "least", "most", "bounds", "counts")


def point_groups(batches: list[Batch]) -> dict[str, tuple[Columns, int]]:
    """For the tables `points` and `distributions`, where there is something for them: columns, and how many rows."""
    groups: dict[str, tuple[Columns, int]] = {}
    holding = [batch for batch in batches if batch.points is not None and batch.points.count]
    numbers = [sum(map(len, batch.points.ids)) for batch in holding if batch.points]
    if sum(numbers):
        columns: Columns = owners(holding, numbers)
        for name, attribute in (("series", "ids"), ("ts", "times"), ("value", "values")):
            columns[name] = pa.array(np.concatenate([p for batch in holding for p in getattr(batch.points, attribute)]))
        columns["ts"] = columns["ts"].cast(RAW["points"].field("ts").type)
        groups["points"] = (columns, sum(numbers))
    counts = [len(batch.points.distributions) for batch in holding if batch.points]
    if sum(counts):
        found = [one for batch in holding if batch.points for one in batch.points.distributions]
        told = zip(*map(attrgetter(*DISTRIBUTION), found), strict=True)
        columns = owners(holding, counts) | dict(zip(DISTRIBUTION, map(list, told), strict=True))
        schema = RAW["distributions"]
        typed = {name: as_array(values, schema.field(name).type) for name, values in columns.items()}
        groups["distributions"] = (typed, sum(counts))
    return groups


def owners(batches: list[Batch], counts: list[int]) -> dict[str, Any]:
    """Whose rows they are, each batch's key said as often as it has rows."""
    return {
        name: pa.array(np.repeat(np.array([getattr(batch.key, name) for batch in batches], kind), counts))
        for name, kind in OWNERS
    }


def series_table(batches: list[Batch]) -> pa.Table | None:
    """The series that these batches are the first to name, None where there are none."""
    fresh = [one for batch in batches if batch.points is not None for one in batch.points.defined]
    if not fresh:
        return None
    columns = [as_array([value_of(one, field.name) for one in fresh], field.type) for field in SERIES]
    return pa.table(columns, schema=SERIES)


def value_of(one: Defined, name: str) -> Any:
    """A column's value of a series."""
    if name == "day":
        return one.day
    if name == "labels":
        return list(one.series.labels)
    return getattr(one.series, name) if hasattr(one.series, name) else getattr(one.key, name)
