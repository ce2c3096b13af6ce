"""Measurements that the metric catalog has a meaning for, by the names that their standards give them.

Sources: OpenTelemetry's semantic conventions for HTTP and system metrics; node_exporter's names; Prometheus' naming of
the former (dots to underscores, the unit at the end).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from aftercare.ingest.points.series import Series

Meaning = Literal["durations", "buckets", "cpu_time", "cpu_share", "memory_share", "memory_total", "memory_available"]


@dataclass(frozen=True)
class Reading:
    """What a name means, in which unit, and which of its series count."""

    meaning: Meaning
    per_ms: float = 1.0
    """How many milliseconds one of its units is."""
    holds_for: Callable[[Series], bool] = lambda series: True


def mode(series: Series) -> str:
    """What a processor was doing, or how memory was used, by whichever name the convention had at the time."""
    return series.label("cpu.mode", "system.cpu.state", "system.memory.state", "state", "mode")


READINGS: Mapping[str, Reading] = {
    "http.server.request.duration": Reading("durations", 1000),
    "http.server.duration": Reading("durations", 1),  # before version 1.23 of the conventions, in ms
    "http_server_request_duration_seconds_bucket": Reading("buckets", 1000),
    "node_cpu_seconds_total": Reading("cpu_time", 1000),
    "system.cpu.time": Reading("cpu_time", 1000),
    "system.cpu.utilization": Reading("cpu_share", holds_for=lambda series: mode(series) == "idle"),
    "system.memory.utilization": Reading("memory_share", holds_for=lambda series: mode(series) == "used"),
    "node_memory_MemTotal_bytes": Reading("memory_total"),
    "node_memory_MemAvailable_bytes": Reading("memory_available"),
}
# What a processor counts as time in which it did nothing: waiting for a disk is no load of its own.
IDLE = frozenset(("idle", "iowait", "wait"))


def reading_of(series: Series) -> Reading | None:
    """What this series means to the catalog, None where it has only its own name."""
    reading = READINGS.get(series.name)
    return reading if reading is not None and reading.holds_for(series) else None


def is_recognised(series: Series) -> bool:
    """Whether the catalog has a meaning for this series."""
    return reading_of(series) is not None


def is_failure(series: Series) -> bool:
    """Whether these requests failed on the server's side: a 5xx status, or an error without one."""
    status = series.label(
        "http.response.status_code", "http.status_code", "http_response_status_code", "code", "status"
    )
    if status:
        return status.startswith("5")
    return bool(series.label("error.type", "error_type"))


def status_of(series: Series) -> str:
    """The status that these requests were answered with, empty where nobody says."""
    return series.label("http.response.status_code", "http.status_code", "http_response_status_code", "code", "status")
