"""What telemetry's things are called on pages, in the reader's language."""

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, gettext_noop, pgettext_lazy
from django.utils.translation import gettext as _

from aftercare.kernel.outbound import Wrong
from aftercare.telemetry.schema.catalog import Metric
from aftercare.telemetry.schema.measured import DISTRIBUTIONS, RATE
from aftercare.telemetry.schema.monthly import MonthlyFigure
from aftercare.telemetry.schema.ucum import PER_SECOND, Shown, shown_in
from aftercare.telemetry.schema.ucum import unit_of as unit_of_series

Text = str | Promise

DIMENSIONS: dict[str, Text] = {
    "role": gettext_lazy("Role"),
    "scenario": gettext_lazy("Scenario"),
    "country": gettext_lazy("Country"),
    "province": gettext_lazy("Province"),
    "carrier": gettext_lazy("Carrier"),
    "network": gettext_lazy("Network"),
    "device": gettext_lazy("Device"),
    "os": gettext_lazy("System"),
    "sdk": gettext_lazy("SDK or player"),
    "sdk_version": gettext_lazy("SDK version"),
    "app_version": gettext_lazy("App version"),
    "edge": gettext_lazy("Edge"),
    "cdn": gettext_lazy("CDN"),
    "domain": gettext_lazy("Domain"),
    "protocol": gettext_lazy("Protocol"),
    "region_pair": gettext_lazy("Region pair"),
}
FACTS: dict[str, Text] = {
    "session": gettext_lazy("Session"),
    "stream": gettext_lazy("Stream"),
    "call": gettext_lazy("Call"),
    "user": gettext_lazy("User"),
    **DIMENSIONS,
}
STATES: dict[str, Text] = {
    "starting": pgettext_lazy("player", "Starting"),
    "playing": pgettext_lazy("player", "Playing"),
    "stalled": pgettext_lazy("player", "Stalled"),
    "paused": pgettext_lazy("player", "Paused"),
    "seeking": pgettext_lazy("player", "Seeking"),
    "ended": pgettext_lazy("player", "Ended"),
    "failed": pgettext_lazy("player", "Failed"),
    "unknown": pgettext_lazy("player", "Unknown"),
}
EVENTS: dict[str, Text] = {
    "join_ok": gettext_lazy("Joined"),
    "join_failed": gettext_lazy("Join failed"),
    "first_frame": gettext_lazy("First frame"),
    "start_failed": gettext_lazy("Start failed"),
    "start_left": gettext_lazy("Left before the first frame"),
    "push_ok": gettext_lazy("Push taken"),
    "push_failed": gettext_lazy("Push failed"),
    "push_ended": gettext_lazy("Push ended"),
    "push_broken": gettext_lazy("Stream broke"),
    "call_rung": gettext_lazy("Rang"),
    "call_answered": gettext_lazy("Answered"),
    "call_connected": gettext_lazy("Connected"),
    "call_failed": gettext_lazy("Call failed"),
    "error": gettext_lazy("Error"),
    "leave": gettext_lazy("Left"),
    "step": gettext_lazy("Join step"),
    "response": gettext_lazy("Media request refused"),
    "bitrate": gettext_lazy("Rung changed"),
    "rate": gettext_lazy("Speed changed"),
    "content": gettext_lazy("Content changed"),
    "background": gettext_lazy("Background or back"),
    "host": gettext_lazy("Host changed"),
    "mute": gettext_lazy("Muted"),
    "unmute": gettext_lazy("Unmuted"),
    "expand": gettext_lazy("Player enlarged"),
    "collapse": gettext_lazy("Player made smaller"),
    "ad_start": gettext_lazy("Ad began"),
    "ad_end": gettext_lazy("Ad ended"),
    "ad_break_start": gettext_lazy("Ad break began"),
    "ad_break_end": gettext_lazy("Ad break ended"),
    "skip": gettext_lazy("Skipped"),
    "custom": gettext_lazy("Custom event"),
    "connection": gettext_lazy("Connection"),
    "server": gettext_lazy("Server"),
    "server_slow": gettext_lazy("Server: slow link"),
    "server_failed": gettext_lazy("Server: failed"),
}
STEPS: dict[str, Text] = {
    "token": gettext_lazy("Token"),
    "signalling": gettext_lazy("Signalling"),
    "ice": "ICE",
    "dtls": "DTLS",
    "first_packet": gettext_lazy("First packet"),
}
BAD_EVENTS = frozenset(
    (
        *("join_failed", "start_failed", "push_failed", "push_broken", "call_failed", "error", "response"),
        *("server_slow", "server_failed"),
    )
)
READINGS: dict[str, tuple[Text, str]] = {
    "fps": (gettext_lazy("Frame rate"), "fps"),
    "bitrate_kbps": (gettext_lazy("Bitrate"), "kbps"),
    "rtt_ms": (gettext_lazy("Round trip"), "ms"),
    "jitter_ms": (gettext_lazy("Jitter"), "ms"),
    "delay_ms": (gettext_lazy("End-to-end delay"), "ms"),
    "buffer_ms": (gettext_lazy("Buffer"), "ms"),
    "loss": (gettext_lazy("Packet loss"), "%"),
    "response_ms": (gettext_lazy("Media request"), "ms"),
}
SERVER_READINGS: dict[str, tuple[Text, str]] = {
    "rtt_ms": (gettext_lazy("Round trip"), "ms"),
    "jitter_ms": (gettext_lazy("Jitter"), "ms"),
    "loss_down": (gettext_lazy("Loss to the client"), "%"),
    "loss_up": (gettext_lazy("Loss from the client"), "%"),
}
RANGES: dict[str, Text] = {
    "15m": gettext_lazy("15 minutes"),
    "1h": gettext_lazy("1 hour"),
    "6h": gettext_lazy("6 hours"),
    "24h": gettext_lazy("24 hours"),
    "3d": gettext_lazy("3 days"),
    "7d": gettext_lazy("7 days"),
    "30d": gettext_lazy("30 days"),
}
KINDS: dict[str, Text] = {
    "region": gettext_lazy("Region"),
    "edge": gettext_lazy("Edge node"),
    "cluster": gettext_lazy("Cluster"),
    "cdn_domain": gettext_lazy("CDN domain"),
    "api_service": gettext_lazy("API service"),
}
SERIES_KINDS: dict[str, Text] = {
    "gauge": gettext_lazy("Gauge"),
    "counter": gettext_lazy("Counter"),
    "delta": gettext_lazy("Counter, sent as differences"),
    "distribution": gettext_lazy("Histogram"),
    "distribution_delta": gettext_lazy("Histogram, sent as differences"),
}
READ_AS: dict[str, Text] = {
    "mean": gettext_lazy("Mean"),
    "max": gettext_lazy("Highest"),
    "min": gettext_lazy("Lowest"),
    "sum": gettext_lazy("Sum over series"),
    "rate": gettext_lazy("Per second"),
    "p50": gettext_lazy("p50"),
    "p95": gettext_lazy("p95"),
    "p99": gettext_lazy("p99"),
}
# What OpenTelemetry's conventions count, as units in braces; in Chinese nothing has a plural.
COUNTED: dict[str, Text] = {
    "request": pgettext_lazy("unit", "requests"),
    "connection": pgettext_lazy("unit", "connections"),
    "packet": pgettext_lazy("unit", "packets"),
    "error": pgettext_lazy("unit", "errors"),
    "session": pgettext_lazy("unit", "sessions"),
    "stream": pgettext_lazy("unit", "streams"),
    "frame": pgettext_lazy("unit", "frames"),
    "message": pgettext_lazy("unit", "messages"),
    "thread": pgettext_lazy("unit", "threads"),
    "process": pgettext_lazy("unit", "processes"),
    "user": pgettext_lazy("unit", "users"),
    "call": pgettext_lazy("unit", "calls"),
}
DIRECTIONS: dict[str, Text] = {
    "higher": gettext_lazy("Higher is better"),
    "lower": gettext_lazy("Lower is better"),
    "neither": gettext_lazy("Neither way is better"),
}
DIGITS = {"%": 2, "ms": 0, "kbps": 0, "fps": 1, "count": 0, "min": 0, "Mbps": 1, "per 100 s": 2, "bytes": 1}
GIGABYTE = 1e9
MINUTE_MS = 60_000


def step_name(event: str, code: str) -> str:
    """What a step of joining is called: by its code where it is one of ours, else as its sender calls it."""
    return str(STEPS.get(code, code) if event == "step" and code else EVENTS.get(event, event))


def is_chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "").startswith("zh")


def metric_name(metric: Metric | MonthlyFigure) -> str:
    """The metric's name in the reader's language."""
    return metric.name_zh if is_chinese() else metric.name


def unit_of(metric: Metric) -> str:
    """The unit as pages write it; counts have none."""
    if metric.unit == "bytes":
        return "GB"
    return "" if metric.unit == "count" else _(metric.unit)


def shown_value(metric: Metric, value: float | None) -> float | None:
    """The value in the unit that pages write."""
    return value / GIGABYTE if value is not None and metric.unit == "bytes" else value


def read_as(reading: str) -> str:
    """How a measurement is read, within a sentence."""
    word = str(READ_AS[reading])
    return word if is_chinese() else word.lower()


def counted_noun(word: str) -> str:
    """What a unit in braces counts, in the reader's language; a word that is not known stays as it is."""
    return str(COUNTED.get(word.removesuffix("s"), word))


def unit_read(name: str, unit: str, reading: str, kind: str) -> str:
    """The unit (UCUM) of a measurement's readings: a histogram's rate counts its values, whatever unit those have."""
    code = unit_of_series(unit, name)
    if reading != RATE:
        return code
    return PER_SECOND if kind in DISTRIBUTIONS else code + PER_SECOND


def measured_in(code: str, most: float) -> Shown:
    """How readings in this unit (UCUM) up to `most` are written, in the reader's language."""
    return shown_in(code, most, counted_noun)


def digits_of(metric: Metric) -> int:
    """Digits after the point."""
    return DIGITS[metric.unit]


def volume_of(metric: Metric, volume: float) -> float:
    """The volume in the unit of `volume_noun`: times in minutes."""
    return volume / MINUTE_MS if metric.volume_name.startswith("ms ") else volume


WRONG_ADDRESS = {
    Wrong.NO_ADDRESS: gettext_noop("This is not a web address."),
    Wrong.SCHEME: gettext_noop("A target's address begins with http:// or https://."),
    Wrong.CREDENTIALS: gettext_noop(
        "A target's address holds no user name and no password; they have fields of their own."
    ),
    Wrong.NAME: gettext_noop("This host name cannot be resolved."),
    Wrong.PRIVATE: gettext_noop("The address leads into a private network; only public addresses are pulled."),
}
WRONG_PORT = gettext_noop("This port is not one that exporters listen on.")
VOLUMES: dict[str, Text] = {
    "ms watched": gettext_lazy("min watched"),
    "ms of video": gettext_lazy("min of video"),
    "ms of audio": gettext_lazy("min of audio"),
    "ms present": gettext_lazy("min present"),
    "ms reported": gettext_lazy("min reported"),
    "attempts": gettext_lazy("attempts"),
    "sessions": gettext_lazy("sessions"),
    "starts": gettext_lazy("starts"),
    "users": gettext_lazy("users"),
    "calls": gettext_lazy("calls"),
    "packets": gettext_lazy("packets"),
    "streams ended": gettext_lazy("streams ended"),
    "interval_ms": gettext_lazy("min reported"),
    "requests": gettext_lazy("requests"),
    "served": gettext_lazy("requests"),
    "viewers": gettext_lazy("viewers"),
    "bytes": gettext_lazy("bytes"),
}


def volume_noun(metric: Metric) -> str:
    """What the volume counts, in the reader's language."""
    return str(VOLUMES.get(metric.volume_name, metric.volume_name))


def is_its_own_volume(metric: Metric) -> bool:
    """Whether the metric is a plain count, for which a volume would repeat the value."""
    return metric.direction == "neither"
