"""What histograms counted in each step, as SQL over the chosen series' points."""

from aftercare.telemetry.queries.measurements.chosen import Chosen
from aftercare.telemetry.queries.measurements.numbers import paired
from aftercare.telemetry.schema.measured import DELTAS


def counted(chosen: Chosen) -> str:
    """SQL: rows of (keys, step, bounds, counts, points): what each point counted since the one before, by its bounds.

    A cumulative histogram is added and the one before it taken off, each under its own bounds, so that bounds that
    changed in between are merged like those of two senders. A smaller count than before means that counting began anew.
    """
    keys = ", ".join([*chosen.key_columns, "step", "bounds"])
    told = chosen.told("distributions", "tuple(count, bounds, counts)")
    return (
        f"SELECT {keys}, sumForEach(signed) AS counts, sum(sign > 0) AS points FROM ("
        f"SELECT {', '.join([*chosen.key_columns, 'step'])}, part.1 AS sign, part.2 AS bounds, "
        "arrayMap(count -> count * part.1, part.3) AS signed FROM ("
        "SELECT *, intDiv(at - {origin:Int64}, {step:Int64}) AS step, "
        f"arrayJoin(if(kind IN {DELTAS} OR v.1 < before.1, [(1, v.2, v.3)], "
        "[(1, v.2, v.3), (-1, before.2, before.3)])) AS part "
        f"FROM ({paired(told)}) AS pairs "
        f"INNER JOIN ({chosen.table}) AS known ON known.id = pairs.series "
        f"WHERE at >= {{origin:Int64}} AND at < {{end:Int64}} AND (kind IN {DELTAS} OR at - at_before <= {{gap:Int64}})"
        f")) GROUP BY {keys}"
    )
