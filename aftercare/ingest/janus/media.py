"""Janus' media statistics: readings of a session as its server saw them; totals are the client's to tell."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from aftercare.ingest.janus.entries import NotANumber
from aftercare.ingest.samples import Sample

# Figures of the event, what they are called in the row's detail, and the largest that is believed. Janus counts in 32
# and 64 bits; counters below zero come as numbers near the top of 32 bits.
COUNTS = {
    "lost": "lost_up",
    "packets-received": "packets_up",
    "lost-by-remote": "lost_down",
    "packets-sent": "packets_down",
    "nacks-received": "nacks",
    "in-link-quality": "quality_up",
    "out-link-quality": "quality_down",
}
MOST_COUNT = (1 << 31) - 1
MOST_MS = 60_000
LONGEST_WORD = 32


def stats_row(sample: Sample, handle: int, event: Mapping[str, Any], refused: list[str]) -> None:
    """Fill a row with one stream's statistics. `interval_ms` stays 0: it weighs nothing in any metric.

    Cumulative counts go into the detail as they are; the timeline takes their differences. `up` is from the client to
    the server, `down` from the server to the client, whose losses are the client's own word (RTCP).
    """
    counts = {short: figure(event, name, MOST_COUNT, refused) for name, short in COUNTS.items()}
    # A round trip of 0 is what Janus tells before it has measured one.
    sample.rtt_ms = figure(event, "rtt", MOST_MS, refused) or None
    comes_in = bool(counts["packets_up"])
    own, theirs = figure(event, "jitter-local", MOST_MS, refused), figure(event, "jitter-remote", MOST_MS, refused)
    # So is a loss of 0 where the client never told anything of this stream by RTCP: unknown, not none.
    if not (counts["lost_down"] or counts["quality_down"] or sample.rtt_ms or theirs):
        counts["lost_down"] = None
    sample.jitter_ms = own if comes_in else theirs
    detail = {name: int(value) for name, value in counts.items() if value is not None}
    stream = {"handle": str(handle), **{name: word_of(event, name) for name in ("media", "mid")}}
    sample.detail = msgspec.json.encode({**stream, **detail}).decode()


def figure(event: Mapping[str, Any], name: str, most: float, refused: list[str]) -> float | None:
    """A figure from 0 to `most`, None where it was not told or is none; what is no number is refused by name."""
    value = event.get(name)
    if isinstance(value, NotANumber) or (isinstance(value, float) and not math.isfinite(value)):
        told = value.word if isinstance(value, NotANumber) else str(value)
        refused.append(f"{name}: {told} is no number; the rest of this event was taken")
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        return None
    return float(value)


def word_of(event: Mapping[str, Any], name: str) -> str:
    """A short text of the event, "" where there is none."""
    value = event.get(name)
    return value[:LONGEST_WORD] if isinstance(value, str) and value.isprintable() else ""
