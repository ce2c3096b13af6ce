"""Raw rows in the making: parallel lists, one per kind of thing, turned into columns at the commit."""

import math
from operator import attrgetter
from typing import Any

import pyarrow as pa

from aftercare.ingest.keys import Key
from aftercare.ingest.samples import Facts, Sample
from aftercare.telemetry.schema.columns import FACTS, GAPS, GAUGES, TOTALS

NAN = math.nan
PLAIN = ("session", "ts", "event", "code", "elapsed_ms", *TOTALS, *GAPS, "width", "height", "detail")
read_plain = attrgetter(*PLAIN)


class Rows:
    """The rows of one commit."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.keys: list[Key] = []
        self.facts: list[Facts] = []
        self.batches: list[int] = []
        self.lines: list[int] = []
        self.opened: list[int] = []
        self.stalled: list[int] = []
        self.signs: list[int] = []
        self.sources: list[str] = []

    def __len__(self) -> int:
        return len(self.samples)

    def add(
        self,
        sample: Sample,
        key: Key,
        facts: Facts,
        *,
        batch: int = 0,
        line: int = 0,
        opened: int = 0,
        stalled: int = 0,
        sign: int = 1,
        source: str = "native",
    ) -> None:
        """Add one row."""
        self.samples.append(sample)
        self.keys.append(key)
        self.facts.append(facts)
        self.batches.append(batch)
        self.lines.append(line)
        self.opened.append(opened)
        self.stalled.append(stalled)
        self.signs.append(sign)
        self.sources.append(source)

    def columns(self, received_ms: int) -> dict[str, Any]:
        """The raw columns, all but `commit`."""
        samples = self.samples
        columns: dict[str, Any] = dict(zip(PLAIN, zip(*map(read_plain, samples), strict=True), strict=True))
        columns["received"] = [received_ms] * len(samples)
        for gauge in GAUGES:
            columns[gauge] = [NAN if (v := getattr(sample, gauge)) is None else v for sample in samples]
        columns.update(batch=self.batches, line=self.lines, opened=self.opened, stalled=self.stalled)
        columns.update(sign=self.signs, source=self.sources)
        spread(columns, FACTS, self.facts)
        spread(columns, ("customer", "app", "keep_days"), self.keys)
        return columns


def spread(columns: dict[str, Any], names: tuple[str, ...], owners: list[Any]) -> None:
    """Columns of attributes that many rows share: each owner is read once and taken by its place."""
    places: dict[int, int] = {}
    distinct: list[Any] = []
    taken = []
    for owner in owners:
        place = places.get(id(owner))
        if place is None:
            place = places[id(owner)] = len(distinct)
            distinct.append(owner)
        taken.append(place)
    indices = pa.array(taken, pa.int32())
    for name in names:
        columns[name] = pa.array([getattr(owner, name) for owner in distinct]).take(indices)
