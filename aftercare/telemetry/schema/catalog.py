"""The metric catalog: every metric once, with its name, unit, formula, direction, minimum volume and source.

Pages, monitors, reports, contracts and docs read it here. A metric is a ratio of two measures, a count, a quantile of
a histogram, or a distinct count; all of them add up over time and over values of a dimension.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aftercare.telemetry.schema.measures import quantile, smallest, waits_of

Direction = Literal["higher", "lower", "neither"]

AGORA = "Agora Analytics glossary: red line"
TRTC = "Tencent TRTC monitor"
OWN = "Aftercare"


@dataclass(frozen=True)
class Metric:
    """One metric. `value` and `volume` are computed from a row of merged measures (name to sum, cells or count).

    `cells` is the event of measures.WAITS whose histogram it is read from.
    """

    key: str
    name: str
    name_zh: str
    unit: Literal["%", "ms", "kbps", "fps", "count", "min", "bytes", "Mbps", "per 100 s"]
    direction: Direction
    formula: str
    source: str
    volume_measure: str
    volume_name: str
    minimum_volume: float
    numerator: str = ""
    denominator: str = ""
    scale: float = 1.0
    cells: str = ""
    q: float = 0.0
    per_bucket: bool = False
    distinct: bool = False
    red: float | None = None
    warning: float | None = None
    measures: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        names = {self.numerator, self.denominator, self.volume_measure} - {""}
        object.__setattr__(self, "measures", frozenset(names))

    def volume(self, row: Mapping[str, Any]) -> float:
        """How much was seen: attempts, sessions or milliseconds, as `volume_name` says; of a histogram, how many."""
        if self.cells:
            return float(sum(waits_of(row[self.volume_measure], self.cells).values()))
        return float(row[self.volume_measure])

    def value(self, row: Mapping[str, Any], *, span_s: float = 0) -> float | None:
        """The metric over the row's time; None where nothing was seen. `span_s` is the length of that time."""
        if self.cells:
            histogram = waits_of(row[self.volume_measure], self.cells)
            return quantile(histogram, self.q) if self.q > 0 else smallest(histogram)
        if self.numerator == "bytes" and not row["bytes"]:
            return None  # nobody plays without a byte: the sender does not tell them
        if self.per_bucket:
            return self.scale * float(row[self.numerator]) / (span_s * 1000) if span_s else None
        if not self.denominator:
            return self.scale * float(row[self.numerator])
        below = float(row[self.denominator])
        return self.scale * float(row[self.numerator]) / below if below > 0 else None

    def has_verdict(self, row: Mapping[str, Any]) -> bool:
        """Whether enough was seen to judge."""
        return self.volume(row) >= self.minimum_volume


def share(
    key: str,
    name: str,
    name_zh: str,
    numerator: str,
    denominator: str,
    *,
    formula: str,
    source: str,
    direction: Direction = "lower",
    minimum: float,
    volume_name: str,
    volume: str = "",
    red: float | None = None,
    warning: float | None = None,
    distinct: bool = False,
) -> Metric:
    """A percentage: one measure of another."""
    return Metric(
        key=key,
        name=name,
        name_zh=name_zh,
        unit="%",
        direction=direction,
        formula=formula,
        source=source,
        volume_measure=volume or denominator,
        volume_name=volume_name,
        minimum_volume=minimum,
        numerator=numerator,
        denominator=denominator,
        scale=100,
        red=red,
        warning=warning,
        distinct=distinct,
    )


def gauge_mean(key: str, name: str, name_zh: str, unit: Any, gauge: str, direction: Direction) -> Metric:
    """The mean of a reading, weighted by the time it held."""
    return Metric(
        key=key,
        name=name,
        name_zh=name_zh,
        unit=unit,
        direction=direction,
        formula=f"sum({gauge} × interval) / sum(interval in which {gauge} was known)",
        source=OWN,
        volume_measure=f"{gauge}_known_ms",
        volume_name="ms reported",
        minimum_volume=60_000,
        numerator=f"{gauge}_weighted",
        denominator=f"{gauge}_known_ms",
    )


def time_quantile(key: str, name: str, name_zh: str, cells: str, q: float, volume_name: str) -> Metric:
    """A quantile of an event's known waits, read from a histogram with cells 5% wide; q 0 gives the smallest."""
    what = f"{q:.0%} quantile" if q else "smallest"
    return Metric(
        key=key,
        name=name,
        name_zh=name_zh,
        unit="ms",
        direction="lower",
        formula=f"{what} of the known times, from a histogram with cells 5% wide",
        source=OWN,
        volume_measure="wait_cells",
        volume_name=volume_name,
        minimum_volume=20,
        cells=cells,
        q=q,
    )


def count(key: str, name: str, name_zh: str, measure: str, unit: Any = "count", scale: float = 1.0) -> Metric:
    """A plain sum."""
    return Metric(
        key=key,
        name=name,
        name_zh=name_zh,
        unit=unit,
        direction="neither",
        formula=f"sum({measure})",
        source=OWN,
        volume_measure=measure,
        volume_name=measure,
        minimum_volume=0,
        numerator=measure,
        scale=scale,
        distinct=measure.startswith("users") or measure == "viewers",
    )


PLAYED = "ms watched"
# The floor of rates over time: 100 stream-minutes a minute at Agora; ours is 10 minutes watched in the window.
TEN_MINUTES = 600_000

_ALL = (
    count("sessions", "Sessions started", "新开播放/通话数", "sessions"),
    Metric(
        key="concurrent",
        name="Concurrent sessions",
        name_zh="同时在线",
        unit="count",
        direction="neither",
        formula="sum(reported interval) / length of the time: the mean number present at once",
        source=OWN,
        volume_measure="interval_ms",
        volume_name="ms reported",
        minimum_volume=0,
        numerator="interval_ms",
        per_bucket=True,
    ),
    count("users", "Unique users", "去重用户数", "users"),
    count("minutes", "Minutes", "分钟数", "interval_ms", unit="min", scale=1 / 60_000),
    count("traffic", "Bytes", "流量", "bytes", unit="bytes"),
    Metric(
        key="bandwidth",
        name="Bandwidth",
        name_zh="带宽",
        unit="Mbps",
        direction="neither",
        formula="sum(bytes) × 8 / length of the time",
        source=OWN,
        volume_measure="bytes",
        volume_name="bytes",
        minimum_volume=0,
        numerator="bytes",
        per_bucket=True,
        scale=8 / 1000,
    ),
    share(
        "join_success",
        "Join success rate",
        "进房成功率",
        "joins_ok",
        "joins",
        formula="joined / attempts",
        source=AGORA,
        direction="higher",
        minimum=25,
        volume_name="attempts",
        red=95,
        warning=98,
    ),
    share(
        "join_success_5s",
        "5 s join success rate",
        "5 秒进房成功率",
        "joins_ok_5s",
        "joins_timed",
        formula="joined within 5 s / attempts that failed or whose time is known",
        source=AGORA,
        direction="higher",
        minimum=25,
        volume_name="attempts",
        red=95,
        warning=98,
    ),
    share(
        "video_freeze_600",
        "Video freeze rate (600 ms)",
        "视频卡顿率（600 ms）",
        "video_frozen_600_ms",
        "video_ms",
        formula="sum of gaps of at least 600 ms / video duration",
        source=AGORA,
        minimum=TEN_MINUTES,
        volume_name="ms of video",
        red=5,
        warning=2,
    ),
    share(
        "video_freeze_500",
        "Video freeze rate (500 ms)",
        "视频卡顿率（500 ms）",
        "video_frozen_500_ms",
        "video_ms",
        formula="sum of gaps of at least 500 ms / video duration (the web cut-off)",
        source=AGORA,
        minimum=TEN_MINUTES,
        volume_name="ms of video",
    ),
    share(
        "video_freeze_200",
        "Video freeze rate (200 ms)",
        "视频卡顿率（200 ms）",
        "video_frozen_200_ms",
        "video_ms",
        formula="sum of gaps of at least 200 ms / video duration",
        source=OWN,
        minimum=TEN_MINUTES,
        volume_name="ms of video",
    ),
    share(
        "audio_freeze_200",
        "Audio freeze rate (200 ms)",
        "音频卡顿率（200 ms）",
        "audio_frozen_200_ms",
        "audio_ms",
        formula="sum of gaps of at least 200 ms / audio duration",
        source=AGORA,
        minimum=TEN_MINUTES,
        volume_name="ms of audio",
        red=3,
        warning=2,
    ),
    share(
        "rebuffering_ratio",
        "Rebuffering ratio",
        "卡顿时长占比",
        "stall_ms",
        "watched_ms",
        formula="stall time / (stall time + play time)",
        source="ITU-T P.1203 tools, aliplayer",
        minimum=TEN_MINUTES,
        volume_name=PLAYED,
        red=5,
        warning=2,
    ),
    share(
        "stall_rate",
        "Stall rate",
        "卡顿率（按在线时长）",
        "stall_ms",
        "interval_ms",
        formula="stall time / time present (pauses and starting included)",
        source="Mux: rebuffer time / watch time",
        minimum=TEN_MINUTES,
        volume_name="ms present",
    ),
    Metric(
        key="stalls_per_100s",
        name="Stalls per 100 s",
        name_zh="百秒卡顿次数",
        unit="per 100 s",
        direction="lower",
        formula="stalls / watched time × 100 s",
        source=TRTC,
        volume_measure="watched_ms",
        volume_name=PLAYED,
        minimum_volume=TEN_MINUTES,
        numerator="stall_count",
        denominator="watched_ms",
        scale=100_000,
    ),
    share(
        "users_stalled",
        "Share of users who stalled",
        "卡顿用户占比",
        "users_stalled",
        "users",
        formula="distinct users with a stall / distinct users",
        source="Tencent Live, Aliyun player console",
        minimum=25,
        volume_name="users",
        distinct=True,
    ),
    share(
        "no_sound",
        "No-sound share",
        "无声占比",
        "no_sound_ms",
        "audio_ms",
        formula="time without sound / audio duration",
        source=OWN,
        minimum=TEN_MINUTES,
        volume_name="ms of audio",
    ),
    share(
        "black_picture",
        "Black-picture share",
        "黑屏占比",
        "black_ms",
        "video_ms",
        formula="time with a black picture / video duration",
        source=OWN,
        minimum=TEN_MINUTES,
        volume_name="ms of video",
    ),
    share(
        "start_success",
        "Playback start success rate",
        "播放成功率",
        "starts_ok",
        "starts_judged",
        formula="first frames / (first frames + starts ended by an error); who leaves before is counted by neither",
        source="Conviva VSF, Mux",
        direction="higher",
        minimum=25,
        volume_name="attempts",
        red=95,
        warning=98,
    ),
    share(
        "start_failures",
        "Start failures",
        "起播失败率",
        "starts_failed",
        "starts_judged",
        formula="starts ended by an error before the first frame / (first frames + starts ended by an error)",
        source="Conviva VSF",
        minimum=25,
        volume_name="attempts",
    ),
    share(
        "exits_before_start",
        "Exits before start",
        "起播前退出率",
        "starts_left",
        "starts",
        formula="left after at least 1 s, before the first frame and without an error / "
        "(first frames + starts ended by an error + these); exits within 1 s or after an unknown wait are left out",
        source="Conviva EBVS; Mux leaves out exits within 1 s",
        minimum=25,
        volume_name="attempts",
    ),
    share(
        "instant_start",
        "Instant-start rate",
        "秒开率",
        "starts_instant",
        "starts_timed",
        formula="starts within 1 s / starts whose time is known",
        source="Aliyun player console",
        direction="higher",
        minimum=25,
        volume_name="starts",
    ),
    time_quantile("first_frame_p50", "First-frame time p50", "首帧耗时 P50", "first_frame", 0.5, "starts"),
    time_quantile("first_frame_p95", "First-frame time p95", "首帧耗时 P95", "first_frame", 0.95, "starts"),
    share(
        "push_success",
        "Push success rate",
        "推流成功率",
        "pushes_ok",
        "pushes",
        formula="streams taken / attempts",
        source="Tencent Live",
        direction="higher",
        minimum=10,
        volume_name="attempts",
    ),
    share(
        "stream_break",
        "Stream-break rate",
        "断流率",
        "push_breaks",
        "push_ends",
        formula="streams broken / streams ended",
        source="Tencent Live",
        minimum=10,
        volume_name="streams ended",
    ),
    share(
        "call_connect",
        "Call connect rate",
        "接通率",
        "calls_connected",
        "calls",
        formula="calls whose caller told of the first frame at both ends / "
        "calls whose caller told of that or of a failure; refused calls are neither",
        source=OWN,
        direction="higher",
        minimum=25,
        volume_name="calls",
    ),
    share(
        "callee_connect",
        "Call connect rate, callee's side",
        "被叫侧接通率",
        "callees_connected",
        "callees",
        formula="the same as the callees' legs tell it; calls whose callee reports nothing are not in it",
        source=OWN,
        direction="higher",
        minimum=25,
        volume_name="calls",
    ),
    time_quantile("call_connect_best", "Connect time, best", "接通耗时 最快", "call_connected", 0, "calls"),
    time_quantile("call_connect_p50", "Connect time p50", "接通耗时 P50", "call_connected", 0.5, "calls"),
    time_quantile("call_connect_p95", "Connect time p95", "接通耗时 P95", "call_connected", 0.95, "calls"),
    share(
        "call_connect_600",
        "Calls connected under 600 ms",
        "600 ms 内接通占比",
        "calls_under_600",
        "calls_timed",
        formula="calls connected in under 600 ms / calls connected whose time is known",
        source="a target the trade advertises; the definition is ours",
        direction="higher",
        minimum=25,
        volume_name="calls",
    ),
    time_quantile("call_ring_p50", "Ring time p50", "振铃耗时 P50", "call_rung", 0.5, "calls"),
    time_quantile("call_ring_p95", "Ring time p95", "振铃耗时 P95", "call_rung", 0.95, "calls"),
    time_quantile("call_answer_p50", "Answer time p50", "接听耗时 P50", "call_answered", 0.5, "calls"),
    time_quantile("call_answer_p95", "Answer time p95", "接听耗时 P95", "call_answered", 0.95, "calls"),
    gauge_mean("fps", "Frame rate", "帧率", "fps", "fps", "higher"),
    gauge_mean("bitrate", "Bitrate", "码率", "kbps", "bitrate_kbps", "higher"),
    gauge_mean("rtt", "Round trip", "往返时延", "ms", "rtt_ms", "lower"),
    gauge_mean("jitter", "Jitter", "抖动", "ms", "jitter_ms", "lower"),
    share(
        "loss",
        "Packet loss",
        "丢包率",
        "packets_lost",
        "packets",
        formula="packets lost / packets expected",
        source=TRTC,
        minimum=1000,
        volume_name="packets",
    ),
    share(
        "delay_over_400",
        "Time with delay over 400 ms",
        "时延超 400 ms 占比",
        "delay_over_400_ms",
        "delay_ms_known_ms",
        formula="time with end-to-end delay over 400 ms / time it was known",
        source=AGORA,
        minimum=TEN_MINUTES,
        volume_name="ms reported",
        red=10,
    ),
    count("api_requests", "API requests", "接口请求数", "requests"),
    share(
        "api_errors",
        "API error rate",
        "接口错误率",
        "requests_failed",
        "requests",
        formula="requests answered with a 5xx status or not at all / requests, as the servers tell it",
        source="OpenTelemetry HTTP semantic conventions: error.type of a server",
        minimum=50,
        volume_name="requests",
    ),
    time_quantile("api_latency_p50", "API response time p50", "接口响应 P50", "request", 0.5, "requests"),
    time_quantile("api_latency_p95", "API response time p95", "接口响应 P95", "request", 0.95, "requests"),
    gauge_mean("server_cpu", "Server CPU", "服务器 CPU", "%", "cpu_pct", "lower"),
    gauge_mean("server_memory", "Server memory", "服务器内存", "%", "memory_pct", "lower"),
    count("cdn_requests", "CDN requests", "CDN 请求数", "served"),
    count("cdn_viewers", "Viewers seen by the CDN", "CDN 去重观众", "viewers"),
    share(
        "cdn_errors",
        "CDN error rate",
        "CDN 错误率",
        "served_failed",
        "served",
        formula="requests answered with a 5xx status / requests, as the CDN's logs tell it",
        source=OWN,
        minimum=250,
        volume_name="requests",
    ),
    time_quantile("cdn_first_byte_p50", "CDN first byte p50", "CDN 首字节 P50", "served", 0.5, "requests"),
    time_quantile("cdn_first_byte_p95", "CDN first byte p95", "CDN 首字节 P95", "served", 0.95, "requests"),
    Metric(
        key="cdn_bandwidth",
        name="CDN bandwidth",
        name_zh="CDN 带宽",
        unit="Mbps",
        direction="neither",
        formula="sum(bytes sent, as the CDN's logs tell it) × 8 / length of the time",
        source=OWN,
        volume_measure="served_bytes",
        volume_name="bytes",
        minimum_volume=0,
        numerator="served_bytes",
        per_bucket=True,
        scale=8 / 1000,
    ),
)

METRICS: dict[str, Metric] = {metric.key: metric for metric in _ALL}


def metric_named(key: str) -> Metric:
    """The metric of this key. Raises KeyError with a sentence that lists near names."""
    if key in METRICS:
        return METRICS[key]
    near = [known for known in METRICS if known.split("_")[0] in key]
    raise KeyError(f"there is no metric {key!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))
