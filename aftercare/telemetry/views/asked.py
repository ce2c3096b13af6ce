"""What an address asks for: time range, metric, dimension, filters. A link shows the same thing to everybody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from aftercare.accounts.models import App
from aftercare.kernel.errors import Refused
from aftercare.telemetry import words
from aftercare.telemetry.queries.reading import floored
from aftercare.telemetry.schema.catalog import METRICS, Metric
from aftercare.telemetry.schema.columns import DIMENSIONS
from aftercare.web.errors import bad_request

SPANS = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(days=1),
    "3d": timedelta(days=3),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
DEFAULT_RANGE = "1h"
# The youngest seconds are left out: players report every 5 s and rollups follow 2 s behind.
SETTLE = timedelta(seconds=5)
LONGEST, SHORTEST = timedelta(days=400), timedelta(seconds=10)

# What an app's page leads with, by scenario; the first with data is charted.
PLAYER = (
    "concurrent",
    "rebuffering_ratio",
    "stalls_per_100s",
    "start_success",
    "first_frame_p50",
    "instant_start",
    "bitrate",
    "bandwidth",
)
CALL = (
    "concurrent",
    "call_connect",
    "call_connect_p50",
    "join_success",
    "video_freeze_600",
    "audio_freeze_200",
    "rtt",
    "loss",
)
ROOM = (
    "concurrent",
    "join_success",
    "join_success_5s",
    "audio_freeze_200",
    "no_sound",
    "delay_over_400",
    "rtt",
    "loss",
)
LEADING = {"one_to_one": CALL, "voice_room": ROOM}
CHARTED = {"one_to_one": "call_connect", "voice_room": "audio_freeze_200"}


@dataclass(frozen=True)
class Window:
    """A span of time; `range` is its name in the address, "" for one that was drawn by hand and does not move."""

    start: datetime
    end: datetime
    range: str = ""

    @property
    def is_live(self) -> bool:
        """Whether the window moves with the clock."""
        return bool(self.range)

    @property
    def words(self) -> str:
        """The window in words: "the last hour", or from when to when in the reader's zone."""
        if self.range:
            return _("Last %(span)s") % {"span": words.RANGES[self.range]}
        start, end = timezone.localtime(self.start), timezone.localtime(self.end)
        day = "" if start.date() == end.date() else f"{end:%Y-%m-%d} "
        return f"{start:%Y-%m-%d %H:%M:%S} – {day}{end:%H:%M:%S}"


@dataclass(frozen=True)
class Asked:
    """All that the address of an app's page says; `numbers` asks for small charts' numbers as a table."""

    window: Window
    metric: Metric
    by: str
    filters: dict[str, str] = field(default_factory=dict)
    numbers: bool = False

    def query(self, **changes: str | None) -> str:
        """The address's query with some parameters replaced; None drops one."""
        said: dict[str, str | None] = {**self.window_query(), "metric": self.metric.key, "by": self.by, **self.filters}
        said |= {"numbers": "1" if self.numbers else None, **changes}
        return "?" + urlencode({name: value for name, value in said.items() if value is not None})

    def window_query(self) -> dict[str, str | None]:
        """The parameters that say the time."""
        if self.window.range:
            return {"range": self.window.range}
        return {"from": iso(self.window.start), "to": iso(self.window.end)}


def iso(at: datetime) -> str:
    """An instant as addresses write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_window(said: Mapping[str, str], now: datetime, default: str = DEFAULT_RANGE) -> Window:
    """The span that `range`, or `from` and `to` (ISO 8601), ask for. Raises Refused with a sentence."""
    if said.get("from") or said.get("to"):
        start = read_instant(said.get("from", ""), "from")
        end = min(read_instant(said["to"], "to"), now) if said.get("to") else now
        if not SHORTEST <= end - start <= LONGEST:
            raise Refused(_("The time range must end after it begins and span at most 400 days."))
        return Window(start, end)
    name = said.get("range") or default
    if name not in SPANS:
        raise Refused(_("There is no time range “%(name)s”.") % {"name": name[:20]})
    end = floored(now - SETTLE, 10)
    return Window(end - SPANS[name], end, name)


def read_instant(text: str, name: str) -> datetime:
    """An ISO 8601 instant; one without a zone is in the reader's. Raises Refused naming the parameter."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else timezone.make_aware(at)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(_("“%(name)s” must be a time like 2026-01-31T20:00:00Z.") % {"name": name}) from None


def read_filters(said: Mapping[str, str], names: tuple[str, ...] = DIMENSIONS) -> dict[str, str]:
    """The filters among the parameters; an empty value is no filter."""
    return {name: said[name] for name in names if said.get(name)}


def read_asked(request: HttpRequest, app: App, now: datetime) -> Asked:
    """What this address asks for. Raises Refused for a metric, dimension or time that does not exist."""
    said = request.GET.dict()
    key = said.get("metric") or CHARTED.get(app.scenario, "rebuffering_ratio")
    by = said.get("by") or "province"
    if key not in METRICS:
        raise Refused(_("There is no metric “%(name)s”.") % {"name": key[:40]})
    if by not in DIMENSIONS:
        raise Refused(_("There is no dimension called “%(name)s”.") % {"name": by[:40]})
    return Asked(read_window(said, now), METRICS[key], by, read_filters(said), bool(said.get("numbers")))


def leading_metrics(app: App) -> tuple[str, ...]:
    """The metrics that the app's page leads with."""
    return LEADING.get(app.scenario, PLAYER)


def with_sentences(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let a view's Refused become the 400 page that says the sentence."""

    @wraps(view)
    def said(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            return bad_request(request, refused)

    return said
