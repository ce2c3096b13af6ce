"""A recording that goes on for long: connections come and go, and only those that are there are held."""

import json

import pytest

from aftercare.ingest.rtcstats.trace import MOST_PEERS, Trace
from aftercare.kernel.errors import Refused
from tests.rtcstats.recording import Recording, joined

NOW = 1_795_400_000_000


def feed(trace: Trace, recording: Recording) -> None:
    for line in recording.lines:
        trace.feed(json.dumps(line).encode(), now_ms=NOW)


def test_connections_that_are_closed_make_room_for_new_ones() -> None:
    trace, sessions = Trace("visit", session="mine"), list[str]()
    for number in range(3 * MOST_PEERS):
        recording = joined(f"PC_{number}", NOW - 10_000)
        recording.add("close", f"PC_{number}", None, NOW - 5000)
        recording.add("getStats", f"PC_{number}", {"0": {"type": 1, "14": 5}}, NOW - 4999)
        feed(trace, recording)
        samples, _ = trace.drain()
        assert [sample.event for sample in samples][-1] == "leave"
        sessions.append(samples[0].session)
    assert sessions[:2] == ["mine", "mine/PC_1"] and len(set(sessions)) == 3 * MOST_PEERS


def test_connections_that_are_not_closed_are_not_forgotten() -> None:
    trace = Trace("visit")
    for number in range(MOST_PEERS):
        feed(trace, joined(f"PC_{number}", NOW - 10_000))
    with pytest.raises(Refused, match="at most 64 connections at a time"):
        feed(trace, joined("PC_64", NOW - 10_000))


def test_a_connection_waits_for_its_name_as_long_as_a_page_takes_to_say_it() -> None:
    trace = Trace("visit")
    feed(trace, joined("PC_0", NOW - 10_000))
    assert trace.drain(arrived_by=NOW - 1) == ([], [])
    told = Recording().add(":aftercare", "PC_0", {"session": "mine"}, NOW - 500)
    feed(trace, told)
    samples, hashes = trace.drain(arrived_by=NOW)
    assert {sample.session for sample in samples} == {"mine"} and len(set(hashes)) == len(samples) == 5
