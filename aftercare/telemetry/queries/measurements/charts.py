"""A measurement over time, whole and split by a label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clickhouse_connect.driver.exceptions import DatabaseError

from aftercare.telemetry.queries.asking import Rows, ask
from aftercare.telemetry.queries.measurements.chosen import Chosen, Span, chosen_of
from aftercare.telemetry.queries.measurements.measure import Measured, measure
from aftercare.telemetry.queries.reading import AppLike, epoch_s, floored, instant, step_for, whole_steps
from aftercare.telemetry.queries.series import Point
from aftercare.telemetry.schema.measured import SUM, Measurement, kinds_read_as

# Most exporters push once a minute: shorter steps would show gaps where nothing is missing.
LEAST_STEP_S = 60
SPARK_POINTS = 24
SPLIT_VALUES, MOST_VALUES = 20, 1000
# A page waits this long and no longer, and takes no more memory than this.
LIMITS = {"max_execution_time": 10, "max_memory_usage": 2_000_000_000}
TOO_MUCH = ("TIMEOUT_EXCEEDED", "MEMORY_LIMIT_EXCEEDED", "Code: 159", "Code: 241")


class TooMuch(Exception):
    """There is more of it than can be read while somebody waits."""


@dataclass(frozen=True)
class Part:
    """One value of the label that a measurement is split by: over the whole time, and in its steps."""

    value: str
    measured: Measured
    series: list[float | None]


@dataclass(frozen=True)
class Split:
    """The largest parts, and how many values there are."""

    parts: list[Part]
    values: int


def asking(name: str, sql: str, parameters: Mapping[str, Any]) -> Rows:
    """Ask within LIMITS. Raises TooMuch beyond them."""
    try:
        return ask(name, sql, parameters, LIMITS)
    except DatabaseError as error:
        if any(code in str(error) for code in TOO_MUCH):
            raise TooMuch from error
        raise


def steps_of(start: datetime, end: datetime, step_s: int) -> Span:
    """The span in whole steps of the clock, so that two charts of one time show the same steps."""
    return Span.of(floored(start, step_s), end, step_s)


def chart_of(chosen: Chosen, reading: str, start: datetime, end: datetime) -> tuple[list[int], list[Measured | None]]:
    """The steps' starts in epoch seconds, and each one's value and points; None where nothing is known.

    The last step of a sum is not known until it is long enough for every series to have told of itself.

    Raises TooMuch where there is too much to read.
    """
    step_s = step_for((end - start).total_seconds(), LEAST_STEP_S)
    span = steps_of(start, end, step_s)
    found = measure(asking, chosen, reading, span).get((), {})
    first = epoch_s(floored(start, step_s))
    if reading == SUM and epoch_s(end) - (first + step_s * (span.steps - 1)) < LEAST_STEP_S:
        found = {n: step for n, step in found.items() if n < span.steps - 1}
    return [first + step_s * n for n in range(span.steps)], [found.get(n) for n in range(span.steps)]


def measured_series(
    app: AppLike, measurement: Measurement, labels: Mapping[str, str], start: datetime, end: datetime
) -> list[Point]:
    """A measurement's steps as a metric's: (start in UTC, value, points), None where nothing is known.

    Raises TooMuch where there is too much to read.
    """
    chosen = chosen_of(app, measurement.name, kinds_read_as(measurement.reading), labels)
    times, steps = chart_of(chosen, measurement.reading, start, end)
    return [(instant(at), *(step or (None, 0.0))) for at, step in zip(times, steps, strict=True)]


def split_of(
    app: AppLike,
    name: str,
    kinds: Sequence[str],
    labels: Mapping[str, str],
    by: str,
    reading: str,
    start: datetime,
    end: datetime,
) -> Split:
    """The values of the label `by` with most of it, the largest first; a value that nothing is known of is none.

    Raises as `chart_of` does.
    """
    chosen = chosen_of(app, name, kinds, labels, by=by)
    whole = {key[0]: steps[0] for key, steps in measure(asking, chosen, reading, Span.of(start, end)).items()}
    largest = sorted(whole, key=lambda value: (-whole[value][0], value))[:SPLIT_VALUES]
    if not largest:
        return Split([], 0)
    span = steps_of(start, end, whole_steps(int((end - start).total_seconds()) // SPARK_POINTS, LEAST_STEP_S))
    narrowed = chosen_of(app, name, kinds, labels, by=by, values=largest)
    found = measure(asking, narrowed, reading, span)
    return Split([part_of(value, whole[value], found.get((value,), {}), span.steps) for value in largest], len(whole))


def part_of(value: str, measured: Measured, steps: Mapping[int, Measured], count: int) -> Part:
    """A value's part with its steps as a list, gaps as None."""
    return Part(value, measured, [steps[n][0] if n in steps else None for n in range(count)])
