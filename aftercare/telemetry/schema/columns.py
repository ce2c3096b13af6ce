"""The columns of the raw table `samples`: one row per report of one media session."""

# Facts of a session: told once or often, kept on every row, so that any row can be counted by any of them.
FACTS = (
    "stream",
    "call",
    "user",
    "role",
    "scenario",
    "country",
    "province",
    "carrier",
    "network",
    "device",
    "os",
    "sdk",
    "sdk_version",
    "app_version",
    "edge",
    "cdn",
    "domain",
    "protocol",
    "region_pair",
)

# Facts with few values, kept as dictionaries; these are the dimensions a metric can be split by.
DIMENSIONS = tuple(fact for fact in FACTS if fact not in ("stream", "call", "user"))

# Whole numbers that add up. Times in milliseconds, sizes in bytes. Negative only in rows that correct earlier ones.
TOTALS = (
    "interval_ms",
    "play_ms",
    "stall_ms",
    "stall_count",
    "video_ms",
    "audio_ms",
    "bytes",
    "frames",
    "frames_dropped",
    "packets",
    "packets_lost",
    "no_sound_ms",
    "black_ms",
    "requests",
    "requests_failed",
    "served_bytes",
    "load_ms",
)

# Readings at an instant; NaN where the sender did not say (unknown is not zero).
GAUGES = ("fps", "bitrate_kbps", "rtt_ms", "jitter_ms", "delay_ms", "buffer_ms", "cpu_pct", "memory_pct")
# Those of a server, which hold for `load_ms`; the others are a session's and hold for `interval_ms`.
LOADS = ("cpu_pct", "memory_pct")
# Totals that a day of one row may take beyond 32 bits.
LARGE_TOTALS = ("bytes", "served_bytes")

GAPS = ("video_gaps", "audio_gaps")

# Raw event names and what they mean; `elapsed_ms` counts from the request that the event answers, 0 is unknown.
EVENTS = {
    "join_ok": "entered the room; elapsed_ms since the join was asked for",
    "join_failed": "could not enter the room",
    "first_frame": "first frame on screen; elapsed_ms since play was asked for",
    "start_failed": "playback ended by an error before its first frame",
    "start_left": "the viewer left before the first frame, without an error; elapsed_ms since play was asked for",
    "push_ok": "the publisher's stream was taken",
    "push_failed": "the publisher's stream was refused or never arrived",
    "push_ended": "the publisher ended the stream on purpose",
    "push_broken": "the stream broke without the publisher's will",
    "call_rung": "told by the caller's leg: the callee's device rang; elapsed_ms since the call button",
    "call_answered": "told by the caller's leg: the callee answered; elapsed_ms since the call button",
    "call_connected": "told by each leg once: first frame at both ends; elapsed_ms since the call button",
    "call_failed": "told by each leg once: the call never connected, other than by the callee's refusal",
    "error": "an error during the session, its code in `code`",
    "leave": "the session ended",
    "state": "the player's state changed, the new one in `code`",
    "response": "the player's media request was answered; status in `code`, elapsed_ms to the last byte",
    "request": "told by a server: it answered `requests` requests, each `elapsed_ms` after it came",
    "served": "told by a CDN: it answered `requests` requests, the first byte `elapsed_ms` after each came",
    "step": "a step of joining was done (token, signalling, ice, dtls, first_packet), its name in `code`",
}

# Order and ClickHouse type of every column; the SQL migration says the same, a test compares them.
COLUMN_TYPES: dict[str, str] = {
    "customer": "UInt32",
    "app": "UInt32",
    "keep_days": "UInt16",
    "commit": "UInt64",
    "batch": "UInt64",
    "line": "UInt64",
    "received": "DateTime64(3, 'UTC')",
    "ts": "DateTime64(3, 'UTC')",
    "source": "LowCardinality(String)",
    "session": "String",
    **dict.fromkeys(("stream", "call", "user"), "String"),
    **dict.fromkeys(DIMENSIONS, "LowCardinality(String)"),
    "sign": "Int8",
    "event": "LowCardinality(String)",
    "code": "LowCardinality(String)",
    "elapsed_ms": "UInt32",
    "opened": "Int8",
    **{total: "Int64" if total in LARGE_TOTALS else "Int32" for total in TOTALS},
    **dict.fromkeys(GAUGES, "Float32"),
    **dict.fromkeys(GAPS, "Array(UInt32)"),
    "width": "UInt16",
    "height": "UInt16",
    "detail": "String",
}
