"""Where a question about an app's metrics is answered: which table, which cut, which rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused
from aftercare.telemetry.schema.catalog import Metric
from aftercare.telemetry.schema.columns import DIMENSIONS
from aftercare.telemetry.schema.cuts import JOINT, cut_columns, cut_for
from aftercare.telemetry.schema.measures import MEASURES, Measure

Filters = Mapping[str, str]
Totals = dict[str, Any]


class AppLike(Protocol):
    """An app as far as telemetry needs it: its number and its customer's."""

    @property
    def pk(self) -> Any:
        """The app's number in telemetry."""

    @property
    def customer_id(self) -> int:
        """The customer's number in telemetry."""


# Spans up to which a table answers, and the age up to which it still has its rows (a little less than its TTL).
FINE_SPAN, FINE_AGE = timedelta(hours=2), timedelta(days=3) - timedelta(hours=2)
MINUTE_SPAN, MINUTE_AGE = timedelta(days=3), timedelta(days=34)
BUCKETS_S = {"r10s": 10, "r1m": 60, "r1h": 3600}
STEPS_S = (10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800)
MAX_POINTS = 400
# Some players report every 30 s, and a report counts where it ends: shorter steps would show one as three, then none.
LEAST_PRESENT_S = 60
BY_NAME: dict[str, Measure] = {measure.name: measure for measure in MEASURES}


@dataclass(frozen=True)
class Reading:
    """A table and the rows in it that a question is about: those of whole buckets from `since` to `until` (epoch s)."""

    table: str
    bucket_s: int
    where: str
    parameters: dict[str, Any] = field(default_factory=dict)
    cut: str = ""
    since: float = 0
    until: float = 0

    @property
    def is_raw(self) -> bool:
        """Whether raw rows answer, because no rollup holds this set of dimensions."""
        return self.table == "samples"

    @property
    def epoch(self) -> str:
        """SQL: seconds since the epoch of a row."""
        return "toUnixTimestamp(ts)" if self.is_raw else "toUnixTimestamp(bucket)"

    def stepped(self, step_s: int) -> str:
        """SQL: the start of a row's step in seconds since the epoch."""
        return f"intDiv({self.epoch}, {int(step_s)}) * {int(step_s)}"

    @property
    def span_s(self) -> float:
        """The length of the time that the rows cover: what is present at once is summed time divided by this."""
        return self.until - self.since

    def step_span_s(self, at: int, step_s: int) -> float:
        """The length of the part of a step, begun at epoch seconds `at`, that the rows cover."""
        return max(min(at + step_s, self.until) - max(at, self.since), 0)

    def opened_at(self, first: datetime) -> "Reading":
        """The same from an earlier instant on, so that a first step is taken whole."""
        start = {"start_ms": epoch_ms_of(first)} if self.is_raw else {"start": epoch_s(first)}
        return replace(self, parameters={**self.parameters, **start}, since=first.timestamp())

    def value_of(self, dimension: str) -> str:
        """SQL: a row's value of a dimension."""
        if self.is_raw:
            return f"toString({dimension})"
        columns = cut_columns(self.cut)
        return "value" if len(columns) == 1 else f"splitByChar('{hexed(JOINT)}', value)[{columns.index(dimension) + 1}]"

    def totals(self, names: Collection[str]) -> str:
        """SQL: the merged measures of these names, in sorted order."""
        return ", ".join(f"{self.total(BY_NAME[name])} AS m_{name}" for name in sorted(names))

    def total_by_name(self, name: str) -> str:
        """SQL: one measure, by its name."""
        return self.total(BY_NAME[name])

    def total(self, measure: Measure) -> str:
        """SQL: one measure over a group of rows, as a number or a map of cells."""
        if not self.is_raw:
            return measure.merge
        return f"finalizeAggregation({measure.raw})" if measure.kind == "users" else measure.raw


def hexed(text: str) -> str:
    """A control character as ClickHouse writes it in a literal."""
    return "".join(f"\\x{ord(character):02x}" for character in text)


def totals_of(names: Collection[str], values: Sequence[Any]) -> Totals:
    """The measures by name, from the columns that `Reading.totals` gave."""
    return dict(zip(sorted(names), values, strict=True))


def add_totals(parts: Sequence[Totals]) -> Totals:
    """The sum of parts. Not for distinct counts, which do not add up over time."""
    whole: Totals = {}
    for part in parts:
        for name, value in part.items():
            if isinstance(value, Mapping):
                cells = whole.setdefault(name, {})
                for cell, count in value.items():
                    cells[cell] = cells.get(cell, 0) + count
            else:
                whole[name] = whole.get(name, 0) + value
    return whole


def checked_filters(filters: Filters | None) -> dict[str, str]:
    """The filters, all of them known dimensions. Raises Refused with a sentence that names the stranger."""
    checked = dict(filters or {})
    for dimension in checked:
        if dimension not in DIMENSIONS:
            raise Refused(_("There is no dimension called “%(name)s”.") % {"name": dimension[:40]})
    return checked


def rollup_for(start: datetime, end: datetime, now: datetime, *, distinct: bool = False) -> str:
    """The finest rollup that is meant for this span and still holds its age; distinct counts begin at one minute."""
    span, age = end - start, now - start
    if span <= FINE_SPAN and age <= FINE_AGE and not distinct:
        return "r10s"
    return "r1m" if span <= MINUTE_SPAN and age <= MINUTE_AGE else "r1h"


def step_for(span_s: float, bucket_s: int) -> int:
    """The smallest usual step, in whole buckets, that keeps a span at or under 400 points."""
    fitting = (step for step in STEPS_S if step % bucket_s == 0 and span_s / step <= MAX_POINTS)
    return next(fitting, STEPS_S[-1])


def least_step_s(metric: Metric, bucket_s: int) -> int:
    """The shortest step that a metric may be asked in; raw rows are taken by tens of seconds."""
    return max(bucket_s, LEAST_PRESENT_S if metric.per_bucket else 10)


def whole_steps(step_s: int, bucket_s: int) -> int:
    """The asked step, raised to a whole number of buckets."""
    return max(1, -(-step_s // bucket_s)) * bucket_s


def scope(app: AppLike) -> dict[str, Any]:
    """The parameters that every question begins with: whose rows."""
    return {"customer": app.customer_id, "app": app.pk}


def whose(app: AppLike) -> list[str]:
    """SQL: whose rows. No app has the number 0: it stands for all apps of the customer."""
    return ["customer = {customer:UInt32}", *(["app = {app:UInt32}"] if app.pk else [])]


def reading(
    app: AppLike,
    start: datetime,
    end: datetime,
    *,
    filters: Filters | None,
    now: datetime,
    distinct: bool = False,
    split_by: str = "",
    table: str = "",
) -> Reading:
    """Where the app's rows of `start` to `end` are, narrowed by filters, open in the dimension `split_by`.

    Buckets are taken whole, those that hold the start and the end among them.
    Raises Refused for an unknown dimension.
    """
    checked = checked_filters(filters)
    if split_by:
        checked_filters({split_by: ""})
    cut = cut_for(set(checked) | ({split_by} if split_by else set()))
    if cut is None:
        return raw_reading(app, start, end, checked, with_probes="role" in {*checked, split_by})
    name = table or rollup_for(start, end, now, distinct=distinct)
    bucket_s = BUCKETS_S[name]
    since = epoch_s(floored(start, bucket_s))
    until = min(-(-end.timestamp() // bucket_s) * bucket_s, now.timestamp())
    conditions = [
        *whose(app),
        "cut = {cut:String}",
        "bucket >= toDateTime({start:UInt32}, 'UTC')",
        "bucket < toDateTime({end:UInt32}, 'UTC')",
    ]
    parameters = {**scope(app), "cut": cut, "start": since, "end": epoch_s(end)}
    narrowed = Reading(name, bucket_s, "", {}, cut)
    if cut and set(checked) == set(cut_columns(cut)):
        conditions.append("value = {value:String}")
        parameters["value"] = JOINT.join(checked[column] for column in cut_columns(cut))
    else:
        for dimension, value in checked.items():
            conditions.append(f"{narrowed.value_of(dimension)} = {{f_{dimension}:String}}")
            parameters[f"f_{dimension}"] = value
    return Reading(name, bucket_s, " AND ".join(conditions), parameters, cut, since, max(until, since))


def raw_reading(
    app: AppLike, start: datetime, end: datetime, filters: Filters, *, with_probes: bool = False
) -> Reading:
    """The raw rows of an app in a span, narrowed by any set of known columns; what probes saw only where asked for."""
    conditions = [
        *whose(app),
        "ts >= fromUnixTimestamp64Milli({start_ms:Int64}, 'UTC')",
        "ts < fromUnixTimestamp64Milli({end_ms:Int64}, 'UTC')",
        *([] if with_probes else ["role != 'probe'"]),
    ]
    parameters = {**scope(app), "start_ms": epoch_ms_of(start), "end_ms": epoch_ms_of(end)}
    for column, value in filters.items():
        conditions.append(f"{column} = {{f_{column}:String}}")
        parameters[f"f_{column}"] = value
    times = start.timestamp(), end.timestamp()
    return Reading("samples", 1, " AND ".join(conditions), parameters, "", *times)


def epoch_s(at: datetime) -> int:
    """Whole seconds since the epoch."""
    return int(at.timestamp())


def epoch_ms_of(at: datetime) -> int:
    """Milliseconds since the epoch."""
    return round(at.timestamp() * 1000)


def instant(seconds: int) -> datetime:
    """The aware UTC instant of seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC)


def aware(at: datetime) -> datetime:
    """The engine's answer, whose times are UTC without saying so, as an aware instant."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def floored(at: datetime, step_s: int) -> datetime:
    """The start of the step that holds this instant."""
    return instant(epoch_s(at) // step_s * step_s)
