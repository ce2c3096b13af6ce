"""The `door` fixture: the product's own front door for measurements over the tests' telemetry engine, in this process.

What servers report is built by protobuf itself and goes in as a request; the clock is the test's.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from aftercare.accounts.models import App
from aftercare.ingest.app import IngestApp
from aftercare.ingest.committer import Committer
from aftercare.ingest.keys import Key, KeyRing
from aftercare.ingest.places import Places
from aftercare.ingest.points.recognised import is_recognised
from aftercare.ingest.points.series import Registry
from aftercare.kernel.signing import fingerprint
from tests.prometheus import packed, write_request

CUMULATIVE, DELTA = 2, 1
Labels = Mapping[str, str]
Numbers = Iterable[tuple[Labels, float, datetime]]
# Labels, time, bounds, counts.
Histograms = Iterable[tuple[Labels, datetime, Sequence[float], Sequence[int]]]


class Door:
    """Requests to the door as any sender makes them. `now` is the door's clock, in seconds since the epoch."""

    def __init__(self, telemetry: Any, now: datetime) -> None:
        self.now = now.timestamp()
        self.keys = KeyRing(lambda: self._issued)
        self._issued: list[Key] = []
        self._committer = Committer(telemetry.pool, telemetry.commits, clock=lambda: self.now)
        self._committer.start()
        registry = Registry(is_recognised=is_recognised)
        self._app = IngestApp(self.keys, self._committer, places=Places(), registry=registry, clock=lambda: self.now)

    def close(self) -> None:
        """Let the committer end."""
        self._committer.stop()

    def gauge(self, app: App, name: str, points: Numbers, unit: str = "") -> None:
        """An OTLP gauge's points."""
        request, metric = self._metric(name, unit)
        fill(metric.gauge.data_points, points)
        self.export(app, request)

    def counter(self, app: App, name: str, points: Numbers, unit: str = "", temporality: int = CUMULATIVE) -> None:
        """An OTLP monotonic sum's points, cumulative or delta."""
        request, metric = self._metric(name, unit)
        metric.sum.is_monotonic, metric.sum.aggregation_temporality = True, temporality
        fill(metric.sum.data_points, points)
        self.export(app, request)

    def histogram(self, app: App, name: str, points: Histograms, unit: str = "", temporality: int = CUMULATIVE) -> None:
        """An OTLP histogram's points, cumulative or delta."""
        request, metric = self._metric(name, unit)
        metric.histogram.aggregation_temporality = temporality
        for labels, at, bounds, counts in points:
            point = metric.histogram.data_points.add(time_unix_nano=ns(at), count=sum(counts))
            point.explicit_bounds.extend(bounds)
            point.bucket_counts.extend(counts)
            tell(point, labels)
        self.export(app, request)

    def export(self, app: App, request: Any) -> None:
        """POST it to /v1/metrics with a key of the app; everything must be taken."""
        status, said = self._post(app, "/v1/metrics", request.SerializeToString(), {})
        assert (status, said) == (200, b"")

    def remote_write(self, app: App, series: Iterable[tuple[Labels, Iterable[tuple[float, datetime]]]]) -> None:
        """POST Prometheus samples to /api/v1/write; everything must be taken."""
        told = [
            (labels, [(value, round(at.timestamp() * 1000)) for value, at in samples]) for labels, samples in series
        ]
        assert self._post(app, "/api/v1/write", packed(write_request(told)), {"content-encoding": "snappy"})[0] == 204

    def _metric(self, name: str, unit: str) -> tuple[Any, Any]:
        request = ExportMetricsServiceRequest()
        return request, request.resource_metrics.add().scope_metrics.add().metrics.add(name=name, unit=unit)

    def _post(self, app: App, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        secret = f"key-of-{app.ref}"
        if self.keys.find(secret) is None:
            self._issued.append(Key(fingerprint(secret), app.customer_id, app.pk, 30, 1e9, None))
            self.keys.reload()
        told = {"authorization": f"Bearer {secret}", "content-type": "application/x-protobuf", **headers}
        return asyncio.run(asked(self._app, path, body, told))


async def asked(app: IngestApp, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """One request and its answer."""
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "method": "POST", "query_string": b"", "headers": pairs, "client": None}
    await app(scope, receive, send)
    return told[0]["status"], b"".join(message.get("body", b"") for message in told[1:])


def fill(data_points: Any, points: Numbers) -> None:
    """Add numbers to a metric's points."""
    for labels, value, at in points:
        tell(data_points.add(time_unix_nano=ns(at), as_double=value), labels)


def tell(point: Any, labels: Labels) -> None:
    """Give a point its attributes."""
    for label, text in labels.items():
        point.attributes.add(key=label).value.string_value = text


def ns(at: datetime) -> int:
    """An instant as OTLP tells time."""
    return round(at.timestamp() * 1000) * 1_000_000


@pytest.fixture
def door(telemetry: Any, world: Any) -> Iterator[Door]:
    """The door at the world's time."""
    opened = Door(telemetry, world.now)
    yield opened
    opened.close()
