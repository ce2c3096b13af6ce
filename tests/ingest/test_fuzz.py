"""Every way in, fed with what no sender would send: no crash, no hang, and nothing that is not the key's own.

The default run is short; the long one (`bin/test -m long`) goes on for ten minutes in all.
"""

import random
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from aftercare.ingest.batches import Batch
from aftercare.ingest.http import Answer
from aftercare.ingest.keys import Key
from aftercare.ingest.places import Places
from aftercare.ingest.points.recognised import is_recognised
from aftercare.ingest.points.series import Registry
from aftercare.ingest.routes import all_sources
from aftercare.ingest.sources.source import Asked, Source
from aftercare.kernel.errors import Refused
from tests.prometheus import histogram, packed, write_request, write_request_2

CAPTURES = Path(__file__).parent.parent / "captures"
NOW_MS = 1_795_402_100_000
KEY = Key("f", 7, 9, 30, 1e9, b"secret")
SHORT_S, LONG_S = 0.2, 600.0
SLOWEST_S = 2.0
KINDS = (
    b"",
    b"application/json",
    b"application/x-protobuf",
    b"application/x-protobuf;proto=io.prometheus.write.v2.Request",
    b"application/x-www-form-urlencoded",
)
PIECES = (
    b'{"session":"s","ts":1795402100000,"facts":{"user":"u"}}',
    b"[[[[[[[[[[[[[[",
    b'{"a":' * 200,
    b"\x00\xff\xfe",
    b"NaN",
    b"1e999",
    b"-99999999999999999999",
    b'"\\ud800"',
    "<script>alert(1)</script>卡顿".encode(),
    b"\x0a\xff\xff\xff\xff\x0f",
    b"%00%ff%zz",
    b"\n\n\r\n",
)


def corpus() -> list[bytes]:
    """Bodies that are good somewhere: real ones, and made ones of the binary formats."""
    found = [path.read_bytes() for path in sorted(CAPTURES.iterdir()) if path.is_file()]
    found += [line for body in list(found) for line in body.splitlines()[:20]]
    labels = {"__name__": "node_cpu_seconds_total", "mode": "idle"}
    samples = [(labels, [(1.5, NOW_MS)]), ({"__name__": "up"}, [(1.0, NOW_MS), (0.0, NOW_MS - 1000)])]
    native = [({"__name__": "latency"}, histogram({0: 3, 5: 1}, at=NOW_MS))]
    found += [write_request(samples, native).SerializeToString(), write_request_2(samples).SerializeToString()]
    found.append(packed(write_request(samples)))
    request = ExportMetricsServiceRequest()
    scope = request.resource_metrics.add().scope_metrics.add()
    for n in range(5):
        gauge = scope.metrics.add(name=f"gauge.{n}").gauge
        gauge.data_points.add(time_unix_nano=NOW_MS * 1_000_000, as_double=n).attributes.add(key="k")
    told = scope.metrics.add(name="http.server.request.duration").histogram
    told.aggregation_temporality = 2
    told.data_points.add(time_unix_nano=NOW_MS * 1_000_000, count=3, bucket_counts=[1, 2], explicit_bounds=[1])
    return [*found, request.SerializeToString(), *PIECES]


def mutated(draw: random.Random, bodies: list[bytes]) -> bytes:
    """A body that was good, cut, spliced, flipped or blown up a little."""
    body = bytearray(draw.choice(bodies)[: draw.choice((50, 500, 5000, 50_000))])
    for _ in range(draw.choice((0, 1, 1, 2, 5, 30))):
        at = draw.randrange(len(body) + 1)
        action = draw.randrange(5)
        if action == 0 and body:
            body[min(at, len(body) - 1)] = draw.randrange(256)
        elif action == 1:
            del body[at : at + draw.randrange(1, 40)]
        elif action == 2:
            body[at:at] = draw.choice(PIECES)
        elif action == 3:
            other = draw.choice(bodies)
            begin = draw.randrange(len(other) + 1)
            body[at:at] = other[begin : begin + draw.randrange(1, 400)]
        else:
            body[at:at] = body[at : at + draw.randrange(1, 200)]
    return bytes(body)


def feed(source: Source, body: bytes, draw: random.Random) -> None:
    """One request; only the two answers that a source may give are allowed to come out."""
    headers = {b"content-type": draw.choice(KINDS), b"user-agent": b"fuzz"}
    query = draw.choice(
        (b"", b"CMCD=bl%3D100", b"app=live&call=publish&name=room1&addr=1.2.3.4", b"format=aliyun", body[:80])
    )
    batch = Batch(KEY, SimpleNamespace(done=lambda: True), source=source.name)  # type: ignore[arg-type]
    begun = time.perf_counter()
    try:
        plain: bytes = body
        if draw.random() < 0.1:
            plain = source.unpack(body, draw.choice(("", "gzip", "snappy", "br")))
        asked = Asked(KEY, source.methods[0], "", query, headers, "203.0.113.7", plain, NOW_MS, Places())
        source.read(asked, batch)
    except (Refused, Answer):
        pass
    assert time.perf_counter() - begun < SLOWEST_S, f"{source.name} took too long for {body[:200]!r}"
    assert batch.key is KEY
    for refusal in batch.refusals:
        assert isinstance(refusal.reason, str)
        assert refusal.reason
    for sample in batch.samples:
        assert 0 < len(sample.session) <= 128
    if batch.points is not None:
        assert all(len(ids) == len(times) == len(values) for ids, times, values in columns_of(batch.points))


def columns_of(points: Any) -> Any:
    return zip(points.ids, points.times, points.values, strict=True)


def fuzz(seconds: float, seed: int) -> int:
    """Feed every source in turn for so long; returns how many bodies that were."""
    sources, bodies = all_sources(Registry(is_recognised=is_recognised, most_series=5000)), corpus()
    draw, fed = random.Random(seed), 0
    ends = time.monotonic() + seconds * len(sources)
    while time.monotonic() < ends:
        for source in sources:
            body = mutated(draw, bodies)
            try:
                feed(source, body, draw)
            except Exception as error:
                raise AssertionError(f"{source.name}, seed {seed}, body {body!r}") from error
            fed += 1
    return fed


def test_it_works() -> None:
    assert fuzz(SHORT_S, seed=int(time.time())) > 50


@pytest.mark.long
@pytest.mark.timeout(900)
def test_for_ten_minutes() -> None:
    sources = len(all_sources(Registry()))
    assert fuzz(LONG_S / sources, seed=int(time.time())) > 10_000
