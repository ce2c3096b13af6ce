"""Recognised points as rows of samples: requests with their times, load of processors and memory.

Counters tell a sum since some start; what a row says is what came since the point before. The newest points are
remembered here, and read back from the store after a start, so that a restart counts nothing twice and loses nothing.
"""

import math
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator

from aftercare.ingest.batches import Batch
from aftercare.ingest.points.block import Recognised
from aftercare.ingest.points.course import Course, Moment, Step
from aftercare.ingest.points.recognised import IDLE, Reading, is_failure, mode, reading_of, status_of
from aftercare.ingest.points.remembered import courses_of, is_stored
from aftercare.ingest.points.series import Series
from aftercare.ingest.points.waits import began_lately, grown, held_ms, middle_ms, neighbours, since, waits
from aftercare.ingest.samples import Facts, Sample
from aftercare.ingest.seen import hash64
from aftercare.telemetry.store.client import ClientPool

LONGEST_SESSION = 64
# Series whose newest points are held: some kilobytes each.
MOST_HELD = 50_000
DELTAS = frozenset(("delta", "distribution_delta"))
Group = tuple[int, tuple[tuple[str, str], ...]]


class Derived:
    """What is remembered of recognised series. Used by the committing thread alone."""

    def __init__(self, pool: ClientPool) -> None:
        self._pool = pool
        self._courses: dict[int, Course] = {}
        self._coming: dict[int, Course] = {}
        self._bounds: dict[Group, list[float]] = defaultdict(list)
        self._memory: dict[Group, float] = {}

    def prime(self, batches: Iterable[Batch]) -> None:
        """Have at hand what came last of every recognised series in these batches."""
        missing: dict[int, Series] = {}
        for batch in batches:
            for one in batch.points.recognised if batch.points else ():
                if one.series.id not in self._courses:
                    missing[one.series.id] = one.series
                if one.series.name.endswith("_bucket"):
                    self._note_bound(one.series, batch.key.app)
        if missing:
            found = courses_of(self._pool, sorted(missing))
            self._courses.update({series: found.get(series) or Course() for series in missing})

    def rows(self, batch: Batch) -> Iterator[tuple[Sample, Facts]]:
        """The rows that a batch's recognised points give."""
        if batch.points is None:
            return
        for one in sorted(batch.points.recognised, key=lambda one: one.ts):
            reading = reading_of(one.series)
            if reading is None:
                continue
            for step in self._steps(one):
                for sample in self._told(one.series, step, reading, batch.key.app):
                    yield sample, facts_of(one.series)

    def keep(self) -> None:
        """The commit went through."""
        for series, course in self._coming.items():
            self._courses.pop(series, None)
            self._courses[series] = course  # the newest at the end
        self._coming.clear()
        while len(self._courses) > MOST_HELD:  # what is let go is read back when it is told of again
            del self._courses[next(iter(self._courses))]

    def forget(self) -> None:
        """The commit failed: none of it came."""
        self._coming.clear()

    def _steps(self, one: Recognised) -> Iterator[Step]:
        """What a point changes in its series' course."""
        course = self._coming.get(one.series.id)
        if course is None:
            course = self._coming[one.series.id] = self._courses[one.series.id].copy()
        if one.series.kind in DELTAS and course.is_full and one.ts < course.moments[0].ts:
            # What came in its time stands by itself: it counts, however late, unless it is there already.
            if not is_stored(self._pool, one):
                yield Step(1, None, Moment(one.ts, one.value, one.distribution))
            return
        found = one.distribution
        if found is not None and one.series.kind not in DELTAS and began_lately(found):
            # A first export may come within the millisecond in which counting began.
            list(course.insert(Moment(min(found.start, one.ts - 1), math.nan, found.nothing())))
        yield from course.insert(Moment(one.ts, one.value, found))

    def _told(self, series: Series, step: Step, reading: Reading, app: int) -> Iterator[Sample]:
        if reading.meaning == "durations":
            yield from self._durations(series, step, reading)
        elif reading.meaning == "buckets":
            yield from self._bucket(series, step, reading, app)
        elif reading.meaning == "cpu_time":
            share = 0.0 if mode(series) in IDLE else 100.0
            ms = step.sign * round(grown(series.kind, step) * reading.per_ms)
            if ms:
                yield load(series, step, ms, cpu_pct=share)
        elif reading.meaning == "cpu_share":
            yield load(series, step, step.sign * held_ms(step), cpu_pct=100 * (1 - step.now.value))
        else:
            yield from self._memory_use(series, step, reading, app)

    def _durations(self, series: Series, step: Step, reading: Reading) -> Iterator[Sample]:
        came = since(series.kind, step)
        if came is not None:
            for elapsed_ms, count in waits(came, reading.per_ms):
                yield request(series, step, elapsed_ms, step.sign * count)

    def _bucket(self, series: Series, step: Step, reading: Reading, app: int) -> Iterator[Sample]:
        """A bucket of Prometheus holds those below it too: what it counts more is taken off the one above.

        So each bucket's series adds its part by itself, in whichever body it comes.
        """
        count, bound = step.sign * round(grown(series.kind, step)), bound_of(series)
        if not count:
            return
        below, above = neighbours(self._bounds[group_of(series, app)], bound)
        yield request(series, step, middle_ms(below, bound, reading.per_ms), count)
        if above is not None:
            yield request(series, step, middle_ms(bound, above, reading.per_ms), -count)

    def _memory_use(self, series: Series, step: Step, reading: Reading, app: int) -> Iterator[Sample]:
        share = step.now.value
        if reading.meaning != "memory_share":
            group = group_of(series, app)
            if reading.meaning == "memory_total":
                self._memory[group] = step.now.value
                return
            if not self._memory.get(group):
                return
            share = 1 - step.now.value / self._memory[group]
        yield load(series, step, step.sign * held_ms(step), memory_pct=100 * share)

    def _note_bound(self, series: Series, app: int) -> None:
        bounds, bound = self._bounds[group_of(series, app)], bound_of(series)
        if not math.isnan(bound) and bound not in bounds:
            insort(bounds, bound)


def request(series: Series, step: Step, elapsed_ms: int, count: int) -> Sample:
    """So many requests that were answered after this time; a negative `count` takes earlier ones back."""
    return Sample(
        session=session_of(series),
        ts=step.now.ts,
        event="request",
        code=status_of(series)[:128],
        elapsed_ms=elapsed_ms,
        requests=count,
        requests_failed=count if is_failure(series) else 0,
    )


def load(
    series: Series, step: Step, load_ms: int, *, cpu_pct: float | None = None, memory_pct: float | None = None
) -> Sample:
    """A server's load over a time; a negative one takes back what was told of it before."""
    session = session_of(series)
    return Sample(session=session, ts=step.now.ts, load_ms=load_ms, cpu_pct=cpu_pct, memory_pct=memory_pct)


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
