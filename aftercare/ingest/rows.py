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
        self.signs.append(sign)
        self.sources.append(source)

    def add_batch(
        self,
        samples: list[Sample],
        key: Key,
        facts: list[Facts],
        *,
        batch: int,
        lines: list[int],
        opened: list[int],
        source: str,
    ) -> None:
        """Add the rows of one batch's samples; `lines` has a hash for each, or is empty."""
        count = len(samples)
        self.samples += samples
        self.keys += [key] * count
        self.facts += facts
        self.batches += [batch] * count
        self.lines += lines or [0] * count
        self.opened += opened
        self.signs += [1] * count
        self.sources += [source] * count

    def columns(self, received_ms: int) -> dict[str, Any]:
        """The raw columns, all but `commit`."""
        samples = self.samples
        columns: dict[str, Any] = dict(zip(PLAIN, zip(*map(read_plain, samples), strict=True), strict=True))
        columns["received"] = [received_ms] * len(samples)
        for gauge in GAUGES:
            columns[gauge] = [NAN if (v := getattr(sample, gauge)) is None else v for sample in samples]
        columns.update(batch=self.batches, line=self.lines, opened=self.opened)
        columns.update(sign=self.signs, source=self.sources)
        spread(columns, FACTS, self.facts)
        spread(columns, ("customer", "app", "keep_days"), self.keys)
        return columns


def spread(columns: dict[str, Any], names: tuple[str, ...], owners: list[Any]) -> None:
    """Columns of attributes that many rows share: each owner is read once and taken by its place."""
    distinct = {id(owner): owner for owner in owners}
    place_of = {identity: place for place, identity in enumerate(distinct)}
    indices = pa.array([place_of[id(owner)] for owner in owners], pa.int32())
    values = zip(*map(attrgetter(*names), distinct.values()), strict=True)
    for name, column in zip(names, values, strict=True):
        columns[name] = pa.array(column).take(indices)
