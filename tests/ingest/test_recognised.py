"""Measurements that the catalog knows: server load, API times and errors, counted once, over restarts and retries."""

import math
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from tests.prometheus import packed, write_request
from tests.service import Service, now_ms

PROTOBUF = {"Content-Type": "application/x-protobuf"}
BOUNDS = [0.005, 0.05, 0.5, 5]


def durations(
    at: int, counts: dict[str, list[int]], *, start: int = 0, temporality: int = 2, service: str = "gw"
) -> bytes:
    """`http.server.request.duration` as a server exports it: bucket counts by status."""
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    resource.resource.attributes.add(key="service.name").value.string_value = service
    metric = resource.scope_metrics.add().metrics.add(name="http.server.request.duration", unit="s")
    metric.histogram.aggregation_temporality = temporality
    for status, found in counts.items():
        point = metric.histogram.data_points.add(
            time_unix_nano=at * 1_000_000, start_time_unix_nano=start * 1_000_000, count=sum(found)
        )
        point.bucket_counts.extend(found)
        point.explicit_bounds.extend(BOUNDS)
        point.attributes.add(key="http.response.status_code").value.int_value = int(status)
    return request.SerializeToString()


def export(service: Service, body: bytes) -> None:
    assert service.request("POST", "/v1/metrics", body, {**service.bearer(), **PROTOBUF})[0] == 200


def write(service: Service, series: list[Any]) -> None:
    kind = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
    assert (
        service.request("POST", "/api/v1/write", packed(write_request(series)), {**service.bearer(), **kind})[0] == 204
    )


def test_everything_counts_once(service: Service) -> None:
    at = now_ms() - 120_000
    # A server that began lately: its first export counts whole. Then one more, the same again, and one that came late.
    export(service, durations(at, {"200": [0, 10, 0, 0, 0]}, start=at - 60_000))
    export(service, durations(at + 60_000, {"200": [0, 15, 2, 0, 0], "503": [0, 0, 0, 0, 3]}, start=at - 60_000))
    export(service, durations(at + 60_000, {"200": [0, 15, 2, 0, 0], "503": [0, 0, 0, 0, 3]}, start=at - 60_000))
    export(service, durations(at + 30_000, {"200": [0, 12, 1, 0, 0]}, start=at - 60_000))
    # One that has run for long: nobody knows since when its first export counts.
    export(service, durations(at, {"200": [1000, 0, 0, 0, 0]}, start=at - 10**9, service="old"))
    export(service, durations(at, {"200": [7, 0, 0, 0, 0]}, temporality=1, service="delta"))
    for more in (0, 60):
        cpu = [
            (
                {"__name__": "node_cpu_seconds_total", "instance": "n1", "cpu": "0", "mode": mode},
                [(value, at + more * 1000)],
            )
            for mode, value in (("idle", 100.0 + more * 0.75), ("user", 50.0 + more * 0.25))
        ]
        write(service, cpu[:1])  # each series in a body of its own
        write(service, cpu[1:])
    total = ({"__name__": "node_memory_MemTotal_bytes", "instance": "n1"}, [(8e9, at)])
    free = ({"__name__": "node_memory_MemAvailable_bytes", "instance": "n1"}, [(2e9, at)])
    write(service, [total, free])
    # Prometheus' buckets hold what is below them too, and come in any split.
    for counts in ((5, 9, 10), (6, 12, 14)):
        for le, value in zip(("0.1", "1", "+Inf"), counts, strict=True):
            labels = {"__name__": "http_server_request_duration_seconds_bucket", "job": "prom", "le": le}
            write(service, [(labels, [(float(value), at + counts[0])])])
    service.kill()
    service.start()
    export(service, durations(at + 60_000, {"200": [0, 15, 2, 0, 0]}, start=at - 60_000))
    export(service, durations(at + 90_000, {"200": [0, 16, 2, 0, 0]}, start=at - 60_000))
    export(service, durations(at + 100_000, {"200": [0, 1, 0, 0, 0]}, start=at + 95_000))  # began anew
    service.stop()
    rows = service.telemetry(
        "SELECT domain, code, sum(requests), sum(requests_failed), groupUniqArrayIf(elapsed_ms, requests > 0) "
        "FROM samples WHERE event = 'request' GROUP BY domain, code ORDER BY domain, code"
    )
    middle = [round(1000 * math.sqrt(low * high)) for low, high in ((0.005, 0.05), (0.05, 0.5))]
    found = {(domain, code): (requests, failed, sorted(waits)) for domain, code, requests, failed, waits in rows}
    assert found == {
        # 10 at first, 7 more, 1 after the kill, 1 after its own restart.
        ("gw", "200"): (19, 0, middle),
        ("gw", "503"): (3, 3, [7500]),
        ("delta", "200"): (7, 0, [2]),
        ("prom", ""): (4, 0, sorted((50, round(1000 * math.sqrt(0.1)), 1500))),
    }
    by_wait = service.telemetry(
        "SELECT elapsed_ms, sum(requests) FROM samples WHERE domain = 'prom' GROUP BY elapsed_ms ORDER BY elapsed_ms"
    )
    assert by_wait == [[50, 1], [316, 2], [1500, 1]]
    load = service.telemetry(
        "SELECT sumIf(cpu_pct * load_ms, NOT isNaN(cpu_pct)) / sumIf(load_ms, NOT isNaN(cpu_pct)), "
        "sumIf(memory_pct * load_ms, NOT isNaN(memory_pct)) / sumIf(load_ms, NOT isNaN(memory_pct)) FROM samples"
    )
    assert load == [[25, 75]]
    # None of it is a session, nor a report of one.
    assert service.telemetry("SELECT sum(opened) FROM samples") == [[0]]
    assert service.telemetry("SELECT count() FROM sessions") == [[0]]
    rolled = "SELECT sum(requests), sum(requests_failed), sum(reports), sum(sessions) FROM r1m WHERE cut = ''"
    assert service.telemetry(rolled) == [[33, 3, 0, 0]]
