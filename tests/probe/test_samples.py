"""A run as native samples: every line is one that the ingest door takes."""

import json
from typing import Any

import msgspec
import pytest

from aftercare.ingest.samples import Sample
from aftercare.kernel.ids import new_ref
from aftercare.probe.samples import Place, samples_of
from aftercare.probe.types import Outcome, Seen, Step, Target
from aftercare.telemetry.schema.columns import EVENTS

STEPS = [Step("dns", 0, 0), Step("tcp", 0, 30), Step("tls", 30, 100, failed=True)]
PLACE = Place("CN", "广东", "China Telecom", "wifi")


def told(
    kind: str, outcome: Outcome, address: str = "https://live.example.com/live/room1.m3u8"
) -> list[dict[str, Any]]:
    target = Target(new_ref(), kind, address)
    lines = samples_of(target, outcome, PLACE, session=f"probe/{target.ref}/{new_ref()}")
    for line in lines:
        msgspec.convert(line, Sample)
        assert line.get("event", "step") in EVENTS
    return lines


def outcome(code: str, event: str = "", **seen: Any) -> Outcome:
    made = Seen(event=event, elapsed_ms=480 if event else 0, **seen)  # type: ignore[arg-type]
    return Outcome(code, "" if code == "ok" else "it did not work", STEPS, made, 1_795_400_000_000, 9000)


def events(lines: list[dict[str, Any]]) -> list[str]:
    return [line["event"] for line in lines if line.get("event") not in (None, "step")]


def test_it_works() -> None:
    lines = told("hls", outcome("ok", "first_frame", fields={"interval_ms": 8000, "play_ms": 8000}))
    assert lines[0]["facts"] == {
        **{"role": "probe", "country": "CN", "province": "广东", "carrier": "China Telecom", "network": "wifi"},
        **{"domain": "live.example.com", "protocol": "hls", "stream": "room1", "sdk": "aftercare-probe"},
        "sdk_version": lines[0]["facts"]["sdk_version"],
    }
    steps = [(line["code"], line["elapsed_ms"]) for line in lines if line.get("event") == "step"]
    assert steps == [("dns", 1), ("tcp", 30)], "a known time is at least 1 ms, and a failed step was not done"
    assert events(lines) == ["first_frame", "leave"]
    assert len({line["session"] for line in lines}) == 1 and lines[-1]["ts"] == 1_795_400_009_000
    assert (lines[-1]["code"], lines[-1]["elapsed_ms"]) == ("ok", 480)
    assert json.loads(lines[-1]["detail"])["steps"] == [["dns", 0, 0, 0], ["tcp", 0, 30, 0], ["tls", 30, 100, 1]]


@pytest.mark.parametrize(
    ("kind", "code", "event", "expected"),
    [
        ("hls", "timeout", "", ["start_failed", "error", "leave"]),
        ("hls", "stalled", "first_frame", ["first_frame", "error", "leave"]),
        ("whep", "ice", "", ["start_failed", "error", "leave"]),
        ("rtmp_push", "push", "", ["push_failed", "error", "leave"]),
        ("rtmp_push", "push_broken", "push_ok", ["push_ok", "push_broken", "error", "leave"]),
        ("whip", "ok", "push_ok", ["push_ok", "push_ended", "leave"]),
        ("http_api", "http_500", "response", ["response", "error", "leave"]),
        ("dns", "nxdomain", "", ["error", "leave"]),
    ],
)
def test_what_went_wrong_is_told_as_what_it_was(kind: str, code: str, event: str, expected: list[str]) -> None:
    assert events(told(kind, outcome(code, event))) == expected


def test_a_streams_key_is_in_no_sample() -> None:
    lines = told("rtmp_push", outcome("ok", "push_ok"), "rtmp://push.example.com/live/s3cr3t?token=s3cr3t")
    assert "s3cr3t" not in json.dumps(lines) and lines[0]["facts"]["domain"] == "push.example.com"


def test_a_long_story_fits() -> None:
    long = outcome("dns", detail={"answers": ["x" * 60] * 40, "more": "y" * 900})
    long.steps = [Step(f"step{n}", n, n) for n in range(200)]
    long.reason = "é" * 300
    detail = told("dns", long, "live.example.com")[-1]["detail"]
    assert len(detail) <= 2000 and json.loads(detail)["reason"]
