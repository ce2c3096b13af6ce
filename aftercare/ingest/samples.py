"""The native format: what a line of `POST /v1/samples` may say. The JSON Schema is made from these types."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from aftercare.telemetry.schema.columns import EVENTS

DAY_MS = 86_400_000
Ms = Annotated[int, Meta(ge=0, le=DAY_MS)]
Number = Annotated[int, Meta(ge=0, le=2_000_000_000)]
Reading = Annotated[float, Meta(ge=0, le=1e9)]
Text = Annotated[str, Meta(max_length=128)]
Gaps = Annotated[list[Ms], Meta(max_length=1000)]


class Facts(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What holds for the session from this line on. Say them once, or again when one changes."""

    stream: Text = ""
    call: Text = ""
    user: Text = ""
    role: Text = ""
    scenario: Text = ""
    country: Text = ""
    province: Text = ""
    carrier: Text = ""
    network: Text = ""
    device: Text = ""
    os: Text = ""
    sdk: Text = ""
    sdk_version: Text = ""
    app_version: Text = ""
    edge: Text = ""
    cdn: Text = ""
    domain: Text = ""
    protocol: Text = ""
    region_pair: Text = ""


NO_FACTS = Facts()


class Sample(Struct, forbid_unknown_fields=True, gc=False):  # holds no cycles, and there are tens of thousands
    """One report of one session: an interval's totals and readings, an event, new facts, or several of them."""

    session: Annotated[str, Meta(min_length=1, max_length=64)]
    ts: Annotated[int, Meta(ge=0)]
    facts: Facts | None = None
    event: str = ""
    code: Text = ""
    elapsed_ms: Ms = 0
    interval_ms: Ms = 0
    play_ms: Ms = 0
    stall_ms: Ms = 0
    stall_count: Number = 0
    video_ms: Ms = 0
    audio_ms: Ms = 0
    bytes: Annotated[int, Meta(ge=0, le=10**12)] = 0
    frames: Number = 0
    frames_dropped: Number = 0
    packets: Number = 0
    packets_lost: Number = 0
    no_sound_ms: Ms = 0
    black_ms: Ms = 0
    requests: Number = 0
    requests_failed: Number = 0
    served_bytes: Annotated[int, Meta(ge=0, le=10**12)] = 0
    load_ms: Ms = 0
    fps: Reading | None = None
    bitrate_kbps: Reading | None = None
    rtt_ms: Reading | None = None
    jitter_ms: Reading | None = None
    delay_ms: Reading | None = None
    buffer_ms: Reading | None = None
    cpu_pct: Reading | None = None
    memory_pct: Reading | None = None
    video_gaps: Gaps = []
    audio_gaps: Gaps = []
    width: Annotated[int, Meta(ge=0, le=16384)] = 0
    height: Annotated[int, Meta(ge=0, le=16384)] = 0
    detail: Annotated[str, Meta(max_length=2000)] = ""


def schema() -> dict[str, Any]:
    """The JSON Schema of one line, with the events' meanings."""
    made = msgspec.json.schema(Sample)
    made["$defs"]["Sample"]["properties"]["event"]["enum"] = ["", *EVENTS]
    made["$defs"]["Sample"]["properties"]["event"]["description"] = "; ".join(f"{k}: {v}" for k, v in EVENTS.items())
    made["$defs"]["Sample"]["properties"]["ts"]["description"] = "when it happened, milliseconds since the epoch"
    made["$defs"]["Sample"]["properties"]["interval_ms"]["description"] = "the time before ts that this line covers"
    return made
