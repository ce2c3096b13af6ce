"""How a measurement kept under its own name can be read, and which of them the catalog has a meaning for."""

from collections.abc import Mapping
from dataclasses import dataclass

QUANTILES: Mapping[str, float] = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
# Of a gauge's points in a step: their mean, the highest, the lowest, and the sum over series of each one's mean.
SUM = "sum"
OF_GAUGES = ("mean", "max", "min", SUM)
RATE = "rate"
READINGS = (*OF_GAUGES, RATE, *QUANTILES)

GAUGES = ("gauge",)
DELTAS = ("delta", "distribution_delta")
COUNTED = ("counter", "delta", "distribution", "distribution_delta")
DISTRIBUTIONS = ("distribution", "distribution_delta")

CPU, MEMORY = ("server_cpu",), ("server_memory",)
API = ("api_requests", "api_errors", "api_latency_p50", "api_latency_p95")
# The catalog's metrics that the door makes of a name, by that name.
CATALOG: Mapping[str, tuple[str, ...]] = {
    "http.server.request.duration": API,
    "http.server.duration": API,
    "http_server_request_duration_seconds_bucket": API,
    "node_cpu_seconds_total": CPU,
    "system.cpu.time": CPU,
    "system.cpu.utilization": CPU,
    "system.memory.utilization": MEMORY,
    "node_memory_MemTotal_bytes": MEMORY,
    "node_memory_MemAvailable_bytes": MEMORY,
}


def readings_of(kind: str) -> tuple[str, ...]:
    """How series of this kind can be read, the usual way first."""
    if kind in GAUGES:
        return OF_GAUGES
    return (RATE, *QUANTILES) if kind in DISTRIBUTIONS else (RATE,)


def kinds_read_as(reading: str) -> tuple[str, ...]:
    """The kinds of series that can be read so. Raises KeyError for no reading."""
    if reading in OF_GAUGES:
        return GAUGES
    if reading == RATE:
        return COUNTED
    if reading in QUANTILES:
        return DISTRIBUTIONS
    raise KeyError(reading)


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measurement read one way, as monitors are about it."""

    reading: str
    name: str

    @property
    def key(self) -> str:
        """How it is written down where a metric's key may stand, too: `rate(edge.sent)`."""
        return f"{self.reading}({self.name})"


def measurement_of(key: str) -> Measurement | None:
    """The measurement that a key says; None for what is a catalog metric's key, or nothing."""
    reading, bracket, rest = key.partition("(")
    if reading not in READINGS or not bracket or not rest.endswith(")") or len(rest) < 2:
        return None
    return Measurement(reading, rest[:-1])
