"""What reading a body of Prometheus remote-write comes to, whichever its version.

Source: https://prometheus.io/docs/specs/prw/remote_write_spec/ and …/remote_write_spec_2_0/.
"""

import struct
from dataclasses import dataclass, field

import numpy as np

from aftercare.ingest.keys import Key
from aftercare.ingest.points.block import Points
from aftercare.ingest.points.labels import kind_by_name, prometheus_labels
from aftercare.ingest.points.native_histograms import read_histogram
from aftercare.ingest.points.series import Known, Registry
from aftercare.ingest.points.wire import FIXED64, VARINT, fields, signed, varint
from aftercare.ingest.reading import Refusal, time_refusal
from aftercare.kernel.errors import Refused

# Metadata's types that only grow (prompb): counter, histogram, gauge histogram, summary.
COUNTERS = frozenset((1, 3, 4, 5))
Spans = list[tuple[int, int]]


@dataclass
class Written:
    """What a body held, by the kinds that the specification counts."""

    points: Points = field(default_factory=Points)
    refusals: list[Refusal] = field(default_factory=list)
    refused_samples: int = 0
    refused_histograms: int = 0
    samples: int = 0
    histograms: int = 0

    def refuse(self, number: int, sentence: str, name: str, *, samples: int = 0, histograms: int = 0) -> None:
        """Note a series, or a part of it, that is not taken."""
        self.refused_samples += samples
        self.refused_histograms += histograms
        self.refusals.append(Refusal(number, sentence, name[:200]))


class Reader:
    """Reads one body for one key."""

    def __init__(self, key: Key, registry: Registry, now_ms: int) -> None:
        self.key, self.registry, self.now_ms = key, registry, now_ms
        self.known: Known = registry.known(key, now_ms)
        self.written = Written()
        self.slow_ids: list[int] = []
        self.slow_times: list[int] = []
        self.slow_values: list[float] = []

    def read(self, body: bytes) -> Written:
        """The whole body. Raises Unreadable, or struct.error where a number is cut off."""
        raise NotImplementedError

    def admitted(
        self, pairs: list[tuple[bytes, bytes]], number: int, samples: int, histograms: int, told: int = 0
    ) -> int | None:
        """The series with these labels, None where it may not be kept."""
        try:
            name, labels = prometheus_labels(pairs)
            if histograms:
                kind = "distribution"
            else:
                kind = ("counter" if told in COUNTERS else "gauge") if told else kind_by_name(name)
            return self.registry.admit(self.key, name, labels, kind).id
        except Refused as refused:
            shown = b", ".join(b"=".join(pair) for pair in pairs[:4]).decode("utf-8", "replace")
            self.written.refuse(number, refused.sentence, shown, samples=samples, histograms=histograms)
            return None

    def take(self, body: bytes, series: int, samples: Spans, histograms: Spans, number: int) -> None:
        """The samples and histograms of one series."""
        for begin, end in samples:
            value, at = 0.0, 0
            for tag, kind, start, _ in fields(body, begin, end):
                if tag == 1 and kind == FIXED64:
                    value = struct.unpack_from("<d", body, start)[0]
                elif tag == 2 and kind == VARINT:
                    at = signed(varint(body, start)[0])
            why = time_refusal(at, self.now_ms)
            if why:
                self.written.refuse(number, why, "", samples=1)
                continue
            self.written.samples += 1
            self.slow_ids.append(series)
            self.slow_times.append(at)
            self.slow_values.append(value)
        for begin, end in histograms:
            try:
                found = read_histogram(body, begin, end, series)
            except Refused as refused:
                self.written.refuse(number, refused.sentence, "", histograms=1)
                continue
            why = time_refusal(found.ts, self.now_ms)
            if why:
                self.written.refuse(number, why, "", histograms=1)
                continue
            self.written.histograms += 1
            self.written.points.distributions.append(found)

    def finish(self) -> Written:
        """Everything together."""
        if self.slow_ids:
            columns = np.array(self.slow_ids, np.uint64), np.array(self.slow_times, np.int64)
            self.written.points.add(*columns, np.array(self.slow_values, np.float64))
        self.written.refusals.sort(key=lambda refusal: refusal.line)
        return self.written
