"""Recognised points as rows of samples: requests with their times, load of processors and memory.

Counters tell a sum since some start; what a row says is what came since the point before. That one is remembered
here, and read back from the store after a start, so that a restart counts nothing twice and loses nothing. A point that
is not newer than the last one adds nothing: a counter's later points tell what an earlier one would have.
"""

import math
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aftercare.ingest.batches import Batch
from aftercare.ingest.points.block import Distribution, Recognised
from aftercare.ingest.points.recognised import CUMULATIVE, IDLE, Reading, is_failure, mode, reading_of, status_of
from aftercare.ingest.points.series import Series
from aftercare.ingest.points.waits import middle_ms, neighbours, since, waits
from aftercare.ingest.samples import Facts, Sample
from aftercare.ingest.seen import hash64
from aftercare.telemetry.store.client import ClientPool

# A reading holds since the one before it, but no longer than this; the first one for as long as most exporters pause.
LONGEST_HOLD_MS, FIRST_HOLD_MS = 120_000, 15_000
LONGEST_SESSION = 64
Group = tuple[int, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Last:
    """The newest point of a series."""

    ts: int
    value: float = math.nan
    distribution: Distribution | None = None


class Derived:
    """What is remembered of recognised series. Used by the committing thread alone."""

    def __init__(self, pool: ClientPool) -> None:
        self._pool = pool
        self._last: dict[int, Last | None] = {}
        self._coming: dict[int, Last | None] = {}
        self._bounds: dict[Group, list[float]] = defaultdict(list)
        self._memory: dict[Group, float] = {}

    def prime(self, batches: Iterable[Batch]) -> None:
        """Have at hand what came last of every recognised series in these batches."""
        missing: set[int] = set()
        for batch in batches:
            for one in batch.points.recognised if batch.points else ():
                if one.series.id not in self._last:
                    missing.add(one.series.id)
                if one.series.name.endswith("_bucket"):
                    self._note_bound(one.series, batch.key.app)
        if missing:
            found = read_back(self._pool, sorted(missing))
            self._last.update({series: found.get(series) for series in missing})

    def rows(self, batch: Batch) -> Iterator[tuple[Sample, Facts]]:
        """The rows that a batch's recognised points give, oldest first."""
        if batch.points is None:
            return
        for one in sorted(batch.points.recognised, key=lambda one: one.ts):
            reading = reading_of(one.series)
            before = self._coming.get(one.series.id, self._last.get(one.series.id))
            if reading is None or (before is not None and one.ts <= before.ts):
                continue
            self._coming[one.series.id] = Last(one.ts, one.value, one.distribution)
            for sample in self._told(one, reading, before, batch.key.app):
                yield sample, facts_of(one.series)

    def keep(self) -> None:
        """The commit went through."""
        self._last.update(self._coming)
        self._coming.clear()

    def forget(self) -> None:
        """The commit failed: none of it came."""
        self._coming.clear()

    def _told(self, one: Recognised, reading: Reading, before: Last | None, app: int) -> Iterator[Sample]:
        if reading.meaning == "durations" and one.distribution is not None:
            yield from self._durations(one, one.distribution, reading, before)
        elif reading.meaning in CUMULATIVE:
            came = grown(one, before)
            if came > 0 and reading.meaning == "buckets":
                yield from self._bucket(one, came, reading, app)
            elif came > 0:
                share = 0.0 if mode(one.series) in IDLE else 100.0
                yield load(one, round(came * reading.per_ms), cpu_pct=share)
        elif reading.meaning == "cpu_share":
            yield load(one, held_ms(one, before), cpu_pct=100 * (1 - one.value))
        else:
            yield from self._memory_use(one, reading, before, app)

    def _durations(
        self, one: Recognised, found: Distribution, reading: Reading, before: Last | None
    ) -> Iterator[Sample]:
        is_delta = one.series.kind == "distribution_delta"
        came = found if is_delta else since(before.distribution if before else None, found)
        if came is not None:
            for elapsed_ms, count in waits(came, reading.per_ms):
                yield request(one, elapsed_ms, count)

    def _bucket(self, one: Recognised, came: float, reading: Reading, app: int) -> Iterator[Sample]:
        """A bucket of Prometheus holds those below it too: what it counts more is taken off the one above.

        So each bucket's series adds its part by itself, in whichever body it comes.
        """
        bound = bound_of(one.series)
        below, above = neighbours(self._bounds[group_of(one.series, app)], bound)
        yield request(one, middle_ms(below, bound, reading.per_ms), round(came))
        if above is not None:
            yield request(one, middle_ms(bound, above, reading.per_ms), -round(came))

    def _memory_use(self, one: Recognised, reading: Reading, before: Last | None, app: int) -> Iterator[Sample]:
        share = one.value
        if reading.meaning != "memory_share":
            group = group_of(one.series, app)
            if reading.meaning == "memory_total":
                self._memory[group] = one.value
                return
            if not self._memory.get(group):
                return
            share = 1 - one.value / self._memory[group]
        yield load(one, held_ms(one, before), memory_pct=100 * share)

    def _note_bound(self, series: Series, app: int) -> None:
        bounds, bound = self._bounds[group_of(series, app)], bound_of(series)
        if not math.isnan(bound) and bound not in bounds:
            insort(bounds, bound)


def read_back(pool: ClientPool, ids: list[int]) -> dict[int, Last]:
    """The newest stored point of each series, numbers and histograms, of the last day."""
    asked = {"ids": ids}
    where = "series IN {ids:Array(UInt64)} AND ts > now64(3) - INTERVAL 1 DAY GROUP BY series"
    newest = "toUnixTimestamp64Milli(max(ts))"
    found: dict[int, Last] = {}
    for series, ts, value in pool.rows(f"SELECT series, {newest}, argMax(value, ts) FROM points WHERE {where}", asked):
        found[int(series)] = Last(int(ts), float(value))
    held = "argMax(tuple(count, sum, bounds, counts), ts)"
    for series, ts, told in pool.rows(f"SELECT series, {newest}, {held} FROM distributions WHERE {where}", asked):
        count, total, bounds, counts = told
        one = Distribution(int(series), int(ts), float(count), float(total), list(bounds), list(counts))
        found[int(series)] = Last(int(ts), math.nan, one)
    return found


def grown(one: Recognised, before: Last | None) -> float:
    """What a counter counted since the point before; 0 where that is not known. Fewer means that it began anew."""
    if one.series.kind == "delta":
        return one.value
    if before is None:
        return 0.0
    return one.value - before.value if one.value >= before.value else one.value


def held_ms(one: Recognised, before: Last | None) -> int:
    """How long a reading is taken to have held."""
    return min(one.ts - before.ts, LONGEST_HOLD_MS) if before else FIRST_HOLD_MS


def request(one: Recognised, elapsed_ms: int, count: int) -> Sample:
    """So many requests that were answered after this time; `count` may take earlier ones back."""
    return Sample(
        session=session_of(one.series),
        ts=one.ts,
        event="request",
        code=status_of(one.series)[:128],
        elapsed_ms=elapsed_ms,
        requests=count,
        requests_failed=count if is_failure(one.series) else 0,
    )


def load(one: Recognised, load_ms: int, *, cpu_pct: float | None = None, memory_pct: float | None = None) -> Sample:
    """A server's load over a time."""
    session = session_of(one.series)
    return Sample(session=session, ts=one.ts, load_ms=load_ms, cpu_pct=cpu_pct, memory_pct=memory_pct)


def bound_of(series: Series) -> float:
    """The upper bound of one of Prometheus' buckets, NaN where it has none."""
    try:
        return float(series.label("le").replace("+Inf", "inf"))
    except ValueError:
        return math.nan


def group_of(series: Series, app: int) -> Group:
    """What belongs together: the same labels but for the bucket's bound."""
    return app, tuple(pair for pair in series.labels if pair[0] != "le")


def session_of(series: Series) -> str:
    """The server that a series is about, as the name of its rows; a long one is cut and marked."""
    parts = (
        "server",
        series.label("service.name", "job"),
        series.label("service.instance.id", "instance", "host.name"),
    )
    name = "/".join(part for part in parts if part)
    return name if len(name) <= LONGEST_SESSION else f"{name[:47]}~{hash64(name):016x}"


def facts_of(series: Series) -> Facts:
    """What a series says of its server: the service stands for the domain."""
    return Facts(
        role="server",
        domain=series.label("service.name", "job", "server.address")[:128],
        app_version=series.label("service.version")[:128],
    )
