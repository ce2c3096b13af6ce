"""Bodies of remote-write 1.0.

A scrape sends the same series again and again, each with one new sample, and writes the labels first. So the bytes of
the labels are what a series is known by: a series seen before costs one look-up, and its number is picked out of the
body with those of all others at once. Everything else is read field by field.
"""

import numpy as np

from aftercare.ingest.points.remote_write import Reader, Spans, Written
from aftercare.ingest.points.wire import BYTES, UNREADABLE, Unreadable, fields, varint
from aftercare.ingest.reading import NEWEST_MS, OLDEST_MS, time_refusal

# A sample that ends its series: a tag, its length 16, a tag and a double, a tag and a time of today in six bytes.
TAIL = 18
SERIES_TAG = 0x0A


class Reader1(Reader):
    """A prompb.WriteRequest."""

    def read(self, body: bytes) -> Written:
        """The whole body. Raises Unreadable."""
        get = self.known.by_bytes.get
        ids: list[int] = []
        ends: list[int] = []
        starts: list[int] = []
        at, size, number = 0, len(body), 0
        try:
            while at < size:
                if body[at] != SERIES_TAG:
                    _, _, _, at = next(fields(body, at, size))  # metadata: kinds are told by the names
                    continue
                length = body[at + 1]
                if length < 0x80:
                    start = at + 2
                elif body[at + 2] < 0x80:
                    length, start = length & 0x7F | body[at + 2] << 7, at + 3
                else:
                    length, start = varint(body, at + 1)
                at = start + length
                number += 1
                known = get(body[start : at - TAIL])
                if known is None:
                    if at > size:
                        raise Unreadable(UNREADABLE)
                    self.read_series(body, start, at, number)
                else:
                    ids.append(known)
                    starts.append(start)
                    ends.append(at)
        except IndexError:
            raise Unreadable(UNREADABLE) from None
        if at != size:
            raise Unreadable(UNREADABLE)
        self.take_known(body, ids, starts, ends)
        return self.finish()

    def take_known(self, body: bytes, ids: list[int], starts: list[int], ends: list[int]) -> None:
        """The samples at the ends of series known by their bytes, all at once."""
        if not ids:
            return
        raw, places = np.frombuffer(body, np.uint8), np.array(ends)
        is_tail = (raw[places - 18] == 0x12) & (raw[places - 17] == 16) & (raw[places - 16] == 0x09)
        is_tail &= (raw[places - 7] == 0x10) & (raw[places - 1] < 0x80)
        for position in range(2, 7):
            is_tail &= raw[places - position] >= 0x80
        for place in np.flatnonzero(~is_tail):
            self.read_series(body, starts[place], ends[place], int(place) + 1)
        places = places[is_tail]
        values = raw[places[:, None] + np.arange(-15, -7)].view("<f8").ravel()
        groups = raw[places[:, None] + np.arange(-6, 0)].astype(np.int64) & 0x7F
        times = (groups << (np.arange(6) * 7)).sum(axis=1)
        in_time = (times >= self.now_ms - OLDEST_MS) & (times <= self.now_ms + NEWEST_MS)
        for place in np.flatnonzero(~in_time):
            self.written.refuse(int(place) + 1, time_refusal(int(times[place]), self.now_ms), "", samples=1)
        self.written.samples += int(in_time.sum())
        self.written.points.add(np.array(ids, np.uint64)[is_tail][in_time], times[in_time], values[in_time])

    def read_series(self, body: bytes, start: int, stop: int, number: int) -> None:
        """One TimeSeries of version 1.0, field by field."""
        pairs: list[tuple[bytes, bytes]] = []
        samples: Spans = []
        histograms: Spans = []
        labels_end = start
        for tag, kind, begin, end in fields(body, start, stop):
            if kind != BYTES:
                continue
            if tag == 1:
                pairs.append(read_label(body, begin, end))
                labels_end = end
            elif tag == 2:
                samples.append((begin, end))
            elif tag == 4:
                histograms.append((begin, end))
        identifier = self.admitted(pairs, number, len(samples), len(histograms))
        if identifier is None:
            return
        if len(samples) == 1 and not histograms and labels_end == stop - TAIL:
            self.known.by_bytes[body[start:labels_end]] = identifier
        self.take(body, identifier, samples, histograms, number)


def read_label(body: bytes, start: int, stop: int) -> tuple[bytes, bytes]:
    """A Label message: name and value."""
    name = value = b""
    for tag, kind, begin, end in fields(body, start, stop):
        if kind == BYTES and tag == 1:
            name = body[begin:end]
        elif kind == BYTES and tag == 2:
            value = body[begin:end]
    return name, value
