"""What a scrape brought, on its way to the commit: durable before it counts as taken, and counted once."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from aftercare.ingest.batches import Batch
from aftercare.ingest.committer import Committer
from aftercare.ingest.keys import Key
from aftercare.ingest.points.block import Points
from aftercare.ingest.points.completing import recognise
from aftercare.ingest.points.exposition import Exposition, Line, labelled, series_of
from aftercare.ingest.points.series import Registry
from aftercare.ingest.reading import Refusal, time_refusal
from aftercare.kernel.errors import Refused

SOURCE = "scrape"
# Registering a series holds the event loop for some 10 µs: others get their turn in between.
AT_ONCE = 1_000
# What is known of the target itself, under Prometheus' own names for it.
OWN = (b"up", b"scrape_duration_seconds", b"scrape_samples_scraped")


@dataclass(frozen=True)
class Scrape:
    """One pull of one target: whose, when it began, how long it took; no exposition where the target did not answer."""

    key: Key
    labels: Mapping[str, str]
    """The target's own: `job`, `instance` and what its owner adds. They stand on every series."""
    at_ms: int
    took_s: float
    exposition: Exposition | None

    def own_lines(self) -> list[Line]:
        """What is known of the target itself."""
        samples = len(self.exposition.lines) if self.exposition else 0
        values = (float(self.exposition is not None), self.took_s, float(samples))
        return [Line(name, value, 0, 0) for name, value in zip(OWN, values, strict=True)]


@dataclass
class Taken:
    """What became of it; `trouble` is the sentence why nothing could be kept."""

    samples: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    trouble: str = ""


async def take(scrape: Scrape, registry: Registry, committer: Committer) -> Taken:
    """Keep a scrape. On the event loop, since series are known there alone."""
    told = scrape.exposition or Exposition()
    points, refusals = await points_of(scrape, told, registry)
    try:
        batch = Batch(scrape.key, asyncio.get_running_loop().create_future(), source=SOURCE)
        recognise(points, registry, scrape.key)
        batch.points, batch.refusals = points, sorted([*told.refusals, *refusals], key=lambda one: one.line)
        if not committer.submit(batch):
            raise Refused("too much waits to be stored; this scrape was not kept")
        result = await batch.settled
        if result.failed or result.refused:
            raise Refused(result.failed or result.refused)
    except BaseException as error:
        registry.lost(points.defined)
        if isinstance(error, Refused):
            return Taken(trouble=error.sentence)
        raise
    return Taken(len(told.lines) - len(refusals), batch.refusals)


async def points_of(scrape: Scrape, told: Exposition, registry: Registry) -> tuple[Points, list[Refusal]]:
    """Its samples as points, and those that may not be kept."""
    hidden = [line for line in told.lines if line.series in OWN]
    refusals = [Refusal(line.number, "this name is the scrape's own", line.series.decode()) for line in hidden]
    points, lines = Points(), [*scrape.own_lines(), *(line for line in told.lines if line.series not in OWN)]
    for start in range(0, len(lines), AT_ONCE):
        if start:
            await asyncio.sleep(0)
        refusals += add_lines(points, scrape, told, lines[start : start + AT_ONCE], registry)
    return points, refusals


def add_lines(points: Points, scrape: Scrape, told: Exposition, lines: list[Line], registry: Registry) -> list[Refusal]:
    """Add some lines' numbers to the points; returns what may not be kept."""
    ids, times, values, refusals = list[int](), list[int](), list[float](), list[Refusal]()
    # What stands in a body means the same series as long as the labels and types around it are the same.
    context = (tuple(sorted(scrape.labels.items())), frozenset(told.types.items()))
    known = registry.known(scrape.key, scrape.at_ms).contexts.setdefault(context, {})
    for line in lines:
        try:
            at_ms = line.at_ms or scrape.at_ms
            if line.at_ms and (why := time_refusal(at_ms, scrape.at_ms)):
                raise Refused(why)
            series = known.get(line.series)
            if series is None:
                series = known[line.series] = admitted(scrape, told, line, registry)
        except Refused as refused:
            shown = line.series.partition(b"{")[0][:60].decode("utf-8", "replace")
            refusals.append(Refusal(line.number, refused.sentence, shown))
            continue
        ids.append(series)
        times.append(at_ms)
        values.append(line.value)
    points.defined += registry.take_fresh()
    points.add(np.array(ids, np.uint64), np.array(times, np.int64), np.array(values, np.float64))
    return refusals


def admitted(scrape: Scrape, told: Exposition, line: Line, registry: Registry) -> int:
    """The identifier of a series that a body tells for the first time. Raises Refused."""
    name, labels, kind = series_of(line.series, told.types)
    return registry.admit(scrape.key, name, labelled(labels, scrape.labels), kind).id


def shown(lines: list[Line], most: int) -> list[tuple[str, str]]:
    """The first series and their numbers as text."""
    return [
        (line.series.decode("utf-8", "replace")[:300], "NaN" if math.isnan(line.value) else f"{line.value:.15g}")
        for line in lines[:most]
    ]
