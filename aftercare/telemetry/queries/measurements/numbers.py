"""Gauges and rates by step, as SQL over the chosen series' points."""

from aftercare.telemetry.queries.measurements.chosen import Chosen
from aftercare.telemetry.schema.measured import DELTAS

# A delta without a point before it is taken to have come in OpenTelemetry's usual export interval.
USUAL_INTERVAL_MS = 60_000
OF_GAUGE = {
    "mean": "sum(total) / sum(told)",
    "max": "max(most)",
    "min": "min(least)",
    "sum": "sum(total / told)",
}


def gauges(chosen: Chosen, reading: str) -> str:
    """SQL: rows of (keys, step, value, points) of series whose points stand for themselves."""
    keys = ", ".join([*chosen.key_columns, "step"])
    return (
        f"SELECT {keys}, {OF_GAUGE[reading]} AS value, sum(told) AS points FROM ("
        "SELECT series, intDiv(at - {origin:Int64}, {step:Int64}) AS step, "
        "sum(v) AS total, count() AS told, max(v) AS most, min(v) AS least "
        f"FROM ({chosen.told('points', 'value')}) WHERE isFinite(v) GROUP BY series, step) AS numbers "
        f"INNER JOIN ({chosen.table}) AS known ON known.id = numbers.series GROUP BY {keys}"
    )


def rates(chosen: Chosen) -> str:
    """SQL: rows of (keys, step, per second, points) of series that count.

    What came between two points is spread evenly over the time between them and divided by the time that any series
    speaks for, so that a step which is half seen is not half as much. Less than before means that counting began anew.
    """
    keys = ", ".join([*chosen.key_columns, "step"])
    told = f"{chosen.told('points', 'value')} UNION ALL {chosen.told('distributions', 'count')}"
    return (
        f"SELECT {keys}, 1000 * sum(came * (hi - lo) / (at - began)) / intervalLengthSum(lo, hi) AS value, "
        "countIf(hi = at) AS points FROM ("
        "SELECT *, greatest(began, {origin:Int64} + step * {step:Int64}) AS lo, "
        "least(at, {end:Int64}, {origin:Int64} + (step + 1) * {step:Int64}) AS hi FROM ("
        "SELECT *, arrayJoin(range(intDiv(greatest(began, {origin:Int64}) - {origin:Int64}, {step:Int64}), "
        "intDiv(least(at, {end:Int64}) - 1 - {origin:Int64}, {step:Int64}) + 1)) AS step FROM ("
        f"SELECT {', '.join([*chosen.key_columns, 'at'])}, "
        f"if(kind IN {DELTAS}, v, if(v >= before, v - before, v)) AS came, "
        f"if(at - at_before <= {{gap:Int64}}, at_before, at - {USUAL_INTERVAL_MS}) AS began "
        f"FROM ({paired(f'SELECT * FROM ({told}) WHERE isFinite(v)')}) AS pairs "
        f"INNER JOIN ({chosen.table}) AS known ON known.id = pairs.series "
        f"WHERE at > {{origin:Int64}} AND (kind IN {DELTAS} OR at - at_before <= {{gap:Int64}})"
        ") WHERE began < {end:Int64})) "
        f"GROUP BY {keys}"
    )


def paired(told: str) -> str:
    """SQL: each point with the one before it of the same series; where there is none, `at_before` is 1970."""
    return (
        "SELECT series, at, v, lagInFrame(at) OVER w AS at_before, lagInFrame(v) OVER w AS before "
        f"FROM ({told}) WINDOW w AS (PARTITION BY series ORDER BY at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"
    )
