"""Which series a question is about, in which time, and their points, each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aftercare.telemetry.queries.reading import AppLike, epoch_ms_of, scope

# A series is written down on the day it came in on; its points may be a week old then, or ten minutes ahead.
LATEST = timedelta(days=8)
EARLIEST = timedelta(days=1)
# Two points further apart than this say nothing about the time between them: Prometheus' lookback is five minutes, and
# exporters that push seldom do so every five. A longer step of a chart bridges as much as itself.
LONGEST_GAP_MS = 600_000


@dataclass(frozen=True)
class Span:
    """From and to in milliseconds since the epoch, in steps counted from the start."""

    start_ms: int
    end_ms: int
    step_ms: int

    @classmethod
    def of(cls, start: datetime, end: datetime, step_s: int = 0) -> "Span":
        """A span of aware instants; without a step, one that is as long as the span."""
        begin, stop = epoch_ms_of(start), epoch_ms_of(end)
        return cls(begin, stop, step_s * 1000 or max(stop - begin, 1))

    @property
    def gap_ms(self) -> int:
        """How far apart two points of one series may be to speak for the time between them."""
        return max(LONGEST_GAP_MS, self.step_ms)

    @property
    def steps(self) -> int:
        """How many steps there are, the last perhaps cut short."""
        return -(-(self.end_ms - self.start_ms) // self.step_ms)


@dataclass(frozen=True)
class Chosen:
    """Series: whose (a condition on every table), which (one on `series`), told apart by expressions over `series`."""

    whose: str
    which: str
    keys: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """SQL: the condition on `series`."""
        return f"{self.whose} AND day >= {{first_day:Date}} AND day <= {{last_day:Date}} AND {self.which}"

    @property
    def table(self) -> str:
        """SQL: the chosen series with their kind, and their keys as k0, k1 and so on."""
        columns = ", ".join(["id", "kind", *(f"{key} AS k{place}" for place, key in enumerate(self.keys))])
        return f"SELECT DISTINCT {columns} FROM series WHERE {self.where}"

    @property
    def key_columns(self) -> list[str]:
        """The names of the keys' columns."""
        return [f"k{place}" for place in range(len(self.keys))]

    def asked(self, span: Span, *, around_ms: int) -> dict[str, Any]:
        """The parameters of a statement about a span that reads the points of so much time before and after it, too."""
        since, until = span.start_ms - around_ms, span.end_ms + around_ms
        bounds = {"since": since, "origin": span.start_ms, "end": span.end_ms, "until": until}
        return {**self.parameters, **days_of(since, until), **bounds, "step": span.step_ms, "gap": span.gap_ms}

    def told(self, table: str, value: str) -> str:
        """SQL: the chosen series' points as (series, at, v), one for each time whatever was sent again."""
        return (
            f"SELECT series, toUnixTimestamp64Milli(ts) AS at, argMax({value}, commit) AS v FROM {table} "
            f"WHERE {self.whose} AND ts >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC') "
            "AND ts < fromUnixTimestamp64Milli({until:Int64}, 'UTC') "
            f"AND series IN (SELECT id FROM series WHERE {self.where}) GROUP BY series, ts"
        )


def days_of(since_ms: int, until_ms: int) -> dict[str, Any]:
    """The days on which series with points in this time may have been written down."""
    first, last = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (since_ms, until_ms))
    return {"first_day": (first - EARLIEST).date(), "last_day": (last + LATEST).date()}


def whose(app: AppLike) -> str:
    """SQL: whose rows; the app number 0 stands for all apps of the customer."""
    return "customer = {customer:UInt32}" + (" AND app = {app:UInt32}" if app.pk else "")


def chosen_of(
    app: AppLike,
    name: str,
    kinds: Sequence[str],
    labels: Mapping[str, str],
    *,
    by: str = "",
    values: Sequence[str] | None = None,
) -> Chosen:
    """A name's series of these kinds and labels, told apart by the label `by`, or only those with `values` of it."""
    which = ["name = {name:String}", "kind IN {kinds:Array(String)}"]
    parameters: dict[str, Any] = {**scope(app), "name": name, "kinds": list(kinds)}
    for place, (label, value) in enumerate(sorted(labels.items())):
        which.append(f"labels[{{label{place}:String}}] = {{value{place}:String}}")
        parameters |= {f"label{place}": label, f"value{place}": value}
    if by:
        parameters["by"] = by
    if values is not None:
        which.append("labels[{by:String}] IN {values:Array(String)}")
        parameters["values"] = list(values)
    return Chosen(whose(app), " AND ".join(which), ("labels[{by:String}]",) if by else (), parameters)
