"""Any split, duplication, reordering or loss of points changes no total that the surviving points determine."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aftercare.ingest.keys import Key
from aftercare.ingest.points.block import Distribution, Points, Recognised
from aftercare.ingest.points.course import KEPT
from aftercare.ingest.points.derived import Derived
from aftercare.ingest.points.series import Series

KEY = Key("f", 1, 1, 30, 1e6, None)
AT = 1_795_400_000_000
BOUNDS = [0.1, 1.0]


class EmptyStore:
    """A store in which nothing is yet."""

    def rows(self, sql: str, parameters: Any = None) -> list[Any]:
        return []


@dataclass
class Body:
    """What the committer hands on of one request."""

    key: Key
    points: Points = field(default_factory=Points)


CPU = [
    Series(n, "node_cpu_seconds_total", (("instance", "a"), ("mode", mode)), "counter")
    for n, mode in ((1, "idle"), (2, "user"))
]
MEMORY = Series(3, "system.memory.utilization", (("state", "used"),), "gauge")
REQUESTS = {
    kind: Series(n, "http.server.request.duration", (("http.response.status_code", "500"),), kind, "s")
    for n, kind in ((4, "distribution"), (5, "distribution_delta"))
}
BUCKETS = [
    Series(10 + n, "http_server_request_duration_seconds_bucket", (("job", "a"), ("le", le)), "counter")
    for n, le in enumerate(("0.1", "1", "+Inf"))
]


def sums(bodies: list[list[Recognised]]) -> dict[str, Any]:
    """What a committer makes of these bodies, each a commit of its own."""
    derived = Derived(EmptyStore())  # type: ignore[arg-type]
    waits: Counter[tuple[str, int]] = Counter()
    loads: Counter[str] = Counter()
    # Prometheus' bounds are known from the first scrape on; which bodies it came in is not the question here.
    derived.prime([Body(KEY, Points(recognised=[Recognised(one, AT) for one in BUCKETS]))])  # type: ignore[list-item]
    for points in bodies:
        body: Any = Body(KEY, Points(recognised=points))
        derived.prime([body])
        for sample, _ in derived.rows(body):
            if sample.event:
                waits[sample.session, sample.elapsed_ms] += sample.requests
                waits["failed", 0] += sample.requests_failed
            else:
                loads["ms"] += sample.load_ms
                loads["cpu"] += round((sample.cpu_pct or 0) * sample.load_ms)
                loads["memory"] += round((sample.memory_pct or 0) * sample.load_ms)
        derived.keep()
    return {"waits": +waits, "loads": dict(loads)}


@st.composite
def exports(draw: st.DrawFn) -> list[Recognised]:
    """What an exporter tells of a few series over some minutes, with a restart now and then."""
    points: list[Recognised] = []
    cpu, memory = [50.0, 20.0], 0.5
    counts, buckets = [0, 0, 0], [0, 0, 0]
    for number in range(draw(st.integers(1, KEPT))):
        at = AT + 10_000 * number
        if draw(st.integers(0, 5)) == 0:
            cpu, counts, buckets = [0.0, 0.0], [0, 0, 0], [0, 0, 0]
        more = draw(st.tuples(*[st.integers(0, 9)] * 3))
        cpu = [cpu[0] + more[0], cpu[1] + more[1]]
        counts = [count + came for count, came in zip(counts, more, strict=True)]
        points += [Recognised(one, at, value) for one, value in zip(CPU, cpu, strict=True)]
        points.append(Recognised(MEMORY, at, memory + more[2] / 100))
        told = Distribution(4, at, float(sum(counts)), 0.0, BOUNDS, [float(count) for count in counts])
        points.append(Recognised(REQUESTS["distribution"], at, distribution=told))
        came = Distribution(5, at, float(sum(more)), 0.0, BOUNDS, [float(count) for count in more])
        points.append(Recognised(REQUESTS["distribution_delta"], at, distribution=came))
        for place in range(3):
            buckets[place] += sum(more[: place + 1])
            points.append(Recognised(BUCKETS[place], at, float(buckets[place])))
    return points


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_order_splits_and_repeats_change_nothing(data: st.DataObject) -> None:
    told = data.draw(exports())
    survived = [point for point in told if data.draw(st.integers(0, 9)) > 0]
    shuffled = data.draw(st.permutations(survived))
    again = [point for point in survived if data.draw(st.booleans())]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=6)))
    bodies = [shuffled[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]
    assert sums([*bodies, again]) == sums([survived])


def test_a_lost_export_loses_nothing_of_a_counter() -> None:
    told = [Distribution(4, AT + n * 10_000, 10.0 * n, 0.0, BOUNDS, [0.0, 10.0 * n, 0.0]) for n in range(5)]
    whole = [Recognised(REQUESTS["distribution"], one.ts, distribution=one) for one in told]
    assert sums([whole])["waits"] == sums([[whole[0], whole[4]]])["waits"] == {("server", 316): 40, ("failed", 0): 40}


def test_what_came_within_the_first_millisecond_counts() -> None:
    told = Distribution(4, AT, 3.0, 0.0, BOUNDS, [3.0, 0.0, 0.0], start=AT)
    found = sums([[Recognised(REQUESTS["distribution"], AT, distribution=told)]])
    assert found["waits"] == {("server", 50): 3, ("failed", 0): 3}
