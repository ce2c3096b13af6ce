"""Whatever comes as a line of a recording or as an event of a server: rows, or a sentence, and never anything else."""

import json
import math
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from aftercare.ingest.janus.entries import entries_of
from aftercare.ingest.janus.events import read_event
from aftercare.ingest.rtcstats.dump import read_dump
from aftercare.ingest.rtcstats.tables import METHODS, PROPERTIES, TYPES
from aftercare.ingest.rtcstats.trace import Trace
from aftercare.ingest.samples import NO_FACTS, Sample
from aftercare.kernel.errors import Refused

NOW = 1_795_400_000_000
numbers = st.one_of(st.integers(-(2**70), 2**70), st.floats(), st.booleans(), st.none())
words = st.one_of(
    st.text(max_size=20), st.sampled_from(["connected", "failed", "video", "audio", "offer", "P", "L", "0"])
)
anything = st.recursive(
    st.one_of(numbers, words),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=12,
)
properties = st.sampled_from([*PROPERTIES, *PROPERTIES.values(), "type", "t", "timestamp"])
found = st.one_of(
    st.none(), anything, st.dictionaries(properties, st.one_of(numbers, words, st.sampled_from([*TYPES])))
)
delta = st.dictionaries(st.sampled_from(["0", "1", "2", "t", "timestamp", "P"]), found, max_size=5)
methods = st.one_of(st.sampled_from([*METHODS, *METHODS.values(), ":aftercare", ":x"]), words, numbers)
peers = st.one_of(st.sampled_from(["PC_0", "PC_1"]), st.none(), words, numbers)
times = st.one_of(st.just(NOW), st.integers(0, 5000), numbers)
lines = st.one_of(
    st.tuples(methods, peers, st.one_of(delta, anything), times), st.tuples(st.just("g"), st.just("PC_0"), delta, times)
)


def must_fit(samples: list[Sample]) -> None:
    """What the raw table's columns, and the native format, hold of a sample."""
    for sample in samples:
        msgspec.convert(msgspec.to_builtins(sample), Sample)
        gauges = (sample.fps, sample.bitrate_kbps, sample.rtt_ms, sample.jitter_ms, sample.buffer_ms)
        assert all(value is None or math.isfinite(value) for value in gauges)


@settings(max_examples=200, deadline=None)
@given(st.lists(lines, max_size=12))
def test_lines_of_a_recording(told: list[tuple[Any, ...]]) -> None:
    trace = Trace("fuzz")
    for line in told:
        try:
            trace.feed(json.dumps(line).encode(), now_ms=NOW)
        except Refused as refused:
            assert refused.sentence
    samples, hashes = trace.drain()
    assert len(samples) == len(hashes) and all(0 < line < 1 << 64 for line in hashes)
    assert all(0 < len(sample.session) <= 64 for sample in samples)
    must_fit(samples)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_bytes_as_a_dump(body: bytes) -> None:
    for whole in (body, b"RTCStatsDump\n" + body, b'RTCStatsDump\n{"fileFormat":3}\n[' + body):
        try:
            read_dump(whole, given=NO_FACTS, name="", now_ms=NOW)
        except Refused as refused:
            assert refused.sentence


FIGURES = ["rtt", "lost", "lost-by-remote", "packets-sent", "jitter-local", "mid", "media", "ice", "jsep", "data"]
FIGURES += ["selected-pair", "connection", "reason", "opaque_id", "in-link-quality", "receiving", "slow_link"]
figures = st.dictionaries(
    st.sampled_from(FIGURES), st.one_of(anything, numbers, st.sampled_from([math.nan, math.inf])), max_size=6
)
events = st.fixed_dictionaries(
    {"type": st.sampled_from([1, 2, 8, 16, 32, 64, 128, 256]), "timestamp": st.just(NOW * 1000), "event": figures},
    optional={"subtype": st.integers(0, 7), "handle_id": st.integers(0, 2**64), "opaque_id": words, "emitter": words},
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(events, anything), max_size=6))
def test_events_of_a_server(told: list[Any]) -> None:
    try:
        entries = entries_of(json.dumps(told).encode())
    except Refused as refused:
        assert refused.sentence
        return
    for entry in entries:
        wrong: list[str] = []
        try:
            row = read_event(entry, now_ms=NOW, refused=wrong)
        except Refused as refused:
            assert refused.sentence
            continue
        if row is not None:
            sample, line = row
            assert 0 < line < 1 << 64 and (sample.interval_ms, sample.packets, sample.packets_lost) == (0, 0, 0)
            must_fit([sample])
