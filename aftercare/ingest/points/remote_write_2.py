"""Bodies of remote-write 2.0: every text once, in a table of symbols."""

from aftercare.ingest.points.remote_write import Reader, Spans, Written
from aftercare.ingest.points.wire import BYTES, VARINT, fields, varint, varints


class Reader2(Reader):
    """An io.prometheus.write.v2.Request."""

    def read(self, body: bytes) -> Written:
        """The whole body: symbols, and the series that refer to them. Raises Unreadable."""
        symbols: list[bytes] = []
        places: Spans = []
        for tag, kind, begin, end in fields(body, 0, len(body)):
            if kind == BYTES and tag == 4:
                symbols.append(body[begin:end])
            elif kind == BYTES and tag == 5:
                places.append((begin, end))
        for number, (begin, end) in enumerate(places, 1):
            self.read_series(body, begin, end, number, symbols)
        return self.finish()

    def read_series(self, body: bytes, start: int, stop: int, number: int, symbols: list[bytes]) -> None:
        """One TimeSeries of version 2.0."""
        references: list[int] = []
        samples: Spans = []
        histograms: Spans = []
        told = 0
        for tag, kind, begin, end in fields(body, start, stop):
            if tag == 1:
                references += varints(body, kind, begin, end)
            elif tag == 2:
                samples.append((begin, end))
            elif tag == 3:
                histograms.append((begin, end))
            elif tag == 5:
                told = metadata_type(body, begin, end)
        try:
            words = [symbols[place] for place in references]
        except IndexError:
            sentence = f"a label refers to symbol {max(references)} of {len(symbols)}"
            self.written.refuse(number, sentence, "", samples=len(samples), histograms=len(histograms))
            return
        known_as = b"\xff".join([bytes((told & 0xFF,)), *words])
        identifier = self.known.by_bytes.get(known_as)
        if identifier is None:
            pairs = list(zip(words[::2], words[1::2], strict=False))
            identifier = self.admitted(pairs, number, len(samples), len(histograms), told)
            if identifier is None:
                return
            self.known.by_bytes[known_as] = identifier
        self.take(body, identifier, samples, histograms, number)


def metadata_type(body: bytes, start: int, stop: int) -> int:
    """The type that a Metadata message tells, 0 where it tells none."""
    for number, kind, begin, _ in fields(body, start, stop):
        if number == 1 and kind == VARINT:
            return varint(body, begin)[0]
    return 0
