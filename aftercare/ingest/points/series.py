"""The series that this process knows: which there are, which are new today, and how many a customer may have."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from aftercare.ingest.keys import Key
from aftercare.ingest.points.arrays import Ids
from aftercare.ingest.points.otlp_layout import Layout
from aftercare.ingest.seen import hash64
from aftercare.kernel.errors import Refused

# So many new series a day one customer may bring; those of the day before are never new.
MOST_SERIES = 200_000
MOST_LABELS = 64
LONGEST_NAME, LONGEST_VALUE = 200, 1024
# The bytes by which senders' series are known again, of all customers together, before they are read anew.
MOST_CACHED = 1_000_000

Owner = tuple[int, int]
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Series:
    """A name with labels, sorted; how its numbers are to be read, and in what unit."""

    id: int
    name: str
    labels: Labels
    kind: str
    unit: str = ""

    def label(self, *names: str) -> str:
        """The value of the first of these labels that it has, else empty."""
        told = dict(self.labels)
        return next((told[name] for name in names if name in told), "")


@dataclass(frozen=True)
class Defined:
    """A series to be written down for a day."""

    key: Key
    day: int
    series: Series


class Known:
    """What one app's senders are known by: the bytes of a series as they stand in a body, and its identifier."""

    def __init__(self) -> None:
        self.by_bytes: dict[bytes, int] = {}
        self.contexts: dict[object, dict[bytes, int]] = {}
        """Where a series is told in two places, the bytes of the second for each first."""
        self.layouts: dict[tuple[bytes, int], Layout] = {}
        """What a resource sends, by the resource's bytes and the length of the whole."""

    def clear(self) -> None:
        """Know none again."""
        self.by_bytes.clear()
        self.contexts.clear()
        self.layouts.clear()


class Registry:
    """All series of all apps. Used on the event loop alone."""

    def __init__(
        self, *, most_series: int = MOST_SERIES, is_recognised: Callable[[Series], bool] = lambda series: False
    ) -> None:
        self._most = most_series
        self._is_recognised = is_recognised
        self._day = 0
        self._admitted = 0
        self._known: dict[Owner, Known] = defaultdict(Known)
        self._today: dict[Owner, set[int]] = defaultdict(set)
        self._before: dict[Owner, set[int]] = defaultdict(set)
        self._new: dict[int, int] = defaultdict(int)
        self._fresh: list[Defined] = []
        self.recognised: dict[Owner, dict[int, Series]] = defaultdict(dict)
        """Each app's series that the catalog has a meaning for."""
        self._recognised_ids: dict[Owner, Ids] = {}

    def load(self, rows: Iterable[tuple[int, int, int, int]], now_ms: int) -> None:
        """At the start: what was written down for today and yesterday, as (customer, app, day, id)."""
        self._turn(now_ms)
        for customer, app, day, identifier in rows:
            held = self._today if day == self._day else self._before
            held[customer, app].add(identifier)

    def load_recognised(self, rows: Iterable[tuple[int, int, int, str, str, str, Mapping[str, str]]]) -> None:
        """At the start: series that may have a meaning, as (customer, app, id, name, kind, unit, labels)."""
        for customer, app, identifier, name, kind, unit, labels in rows:
            series = Series(identifier, name, tuple(sorted(labels.items())), kind, unit)
            if self._is_recognised(series):
                self.recognised[customer, app][identifier] = series

    def known(self, key: Key, now_ms: int) -> Known:
        """What is known of an app's senders."""
        self._turn(now_ms)
        return self._known[key.customer, key.app]

    def admit(self, key: Key, name: str, labels: Labels, kind: str, unit: str = "") -> Series:
        """The series of this name and these labels (sorted). Raises Refused for one that may not be kept."""
        check(name, labels)
        owner = (key.customer, key.app)
        told = "\x1f".join(f"{label}\x1e{value}" for label, value in labels)
        series = Series(hash64(f"{key.app}\x1d{kind}\x1d{name}\x1d{told}"), name, labels, kind, unit)
        if series.id not in self._today[owner]:
            if series.id not in self._before[owner]:
                self._require_room(key)
                self._new[key.customer] += 1
            self._today[owner].add(series.id)
            self._fresh.append(Defined(key, self._day, series))
        if self._is_recognised(series):
            self.recognised[owner][series.id] = series
        self._admitted += 1
        if self._admitted > MOST_CACHED:
            self._forget_bytes()
        return series

    def recognised_ids(self, key: Key) -> Ids:
        """The identifiers of an app's recognised series, sorted: a request looks all of its points up in them."""
        owner = (key.customer, key.app)
        ids, held = self._recognised_ids.get(owner), self.recognised[owner]
        if ids is None or len(ids) != len(held):
            ids = self._recognised_ids[owner] = np.sort(np.fromiter(held, np.uint64, len(held)))
        return ids

    def take_fresh(self) -> list[Defined]:
        """What was admitted since the last call and is not written down for today yet: the caller will."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def lost(self, defined: Iterable[Defined]) -> None:
        """These could not be written down: they are new again when they come again."""
        for one in defined:
            owner = (one.key.customer, one.key.app)
            self._today[owner].discard(one.series.id)
            self._known[owner].clear()
            self._new[one.key.customer] = max(self._new[one.key.customer] - 1, 0)

    def _turn(self, now_ms: int) -> None:
        """On a new day every series is written down once more."""
        day = now_ms // 86_400_000
        if day != self._day:
            self._before = self._today if day == self._day + 1 else defaultdict(set)
            self._day, self._today = day, defaultdict(set)
            self._new.clear()
            self._forget_bytes()
            self._recognised_ids.clear()
            for owner, held in self.recognised.items():
                self.recognised[owner] = {n: series for n, series in held.items() if n in self._before[owner]}

    def _forget_bytes(self) -> None:
        """Read every sender's series anew when they come again."""
        self._admitted = 0
        for known in self._known.values():
            known.clear()

    def _require_room(self, key: Key) -> None:
        if self._new[key.customer] >= self._most:
            raise Refused(
                f"over {self._most:,} new series today: this one is not taken, those already known go on "
                "(is there an identifier among the labels?)"
            )


def check(name: str, labels: Labels) -> None:
    """Raise Refused where a name or a label cannot be kept."""
    if not name or len(name) > LONGEST_NAME:
        raise Refused(f"a series' name has 1 to {LONGEST_NAME} characters; this one has {len(name)}")
    if len(labels) > MOST_LABELS:
        raise Refused(f"{name[:60]} has {len(labels)} labels, more than {MOST_LABELS}")
    for label, value in labels:
        if len(label) > LONGEST_NAME:
            raise Refused(f"{name[:60]} has a label of {len(label)} characters, more than {LONGEST_NAME}")
        if len(value) > LONGEST_VALUE:
            raise Refused(f"{name[:60]}: label {label[:60]} has {len(value)} characters, more than {LONGEST_VALUE}")
