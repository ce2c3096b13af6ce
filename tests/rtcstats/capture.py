"""The capture of an impaired call as getStats reports: its own short names put back into those of the W3C."""

import json
from pathlib import Path
from typing import Any

from aftercare.ingest.webrtc.getstats import Report

PATH = Path(__file__).parents[1] / "captures" / "webrtc-getstats_chromium156-p2p_vp8_impaired-1s-samples.json"
VIDEO = {
    "framesReceived": "framesReceived",
    "framesDecoded": "framesDecoded",
    "framesDropped": "framesDropped",
    "fps": "framesPerSecond",
    "w": "frameWidth",
    "freezeCount": "freezeCount",
    "totalFreezesDuration": "totalFreezesDuration",
    "lost": "packetsLost",
    "recv": "packetsReceived",
    "jitter": "jitter",
    "jbDelay": "jitterBufferDelay",
    "jbCount": "jitterBufferEmittedCount",
}
AUDIO = {
    "concealed": "concealedSamples",
    "concealEvents": "concealmentEvents",
    "silentConcealed": "silentConcealedSamples",
    "total": "totalSamplesReceived",
    "lost": "packetsLost",
    "jitter": "jitter",
}


def seconds() -> list[dict[str, Any]]:
    """The capture as it is: one entry a second."""
    loaded: list[dict[str, Any]] = json.loads(PATH.read_text())
    return loaded


def w3c(short: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """One second's statistics by the W3C's names; the capture kept no height, which its picture had in 4:3."""

    def named(part: str, names: dict[str, str]) -> dict[str, Any]:
        return {names[key]: value for key, value in short[part].items() if key in names and value is not None}

    width = short["vin"].get("w")
    objects: dict[str, dict[str, Any]] = {
        "IV": {"type": "inbound-rtp", "kind": "video", "ssrc": 1, **named("vin", VIDEO)},
        "IA": {"type": "inbound-rtp", "kind": "audio", "ssrc": 2, **named("ain", AUDIO)},
        "OV": {"type": "outbound-rtp", "kind": "video", "qualityLimitationReason": short["vout"]["limit"]},
        "T": {"type": "transport", "selectedCandidatePairId": "P"},
    }
    if width:
        objects["IV"]["frameHeight"] = width * 3 // 4
    if short["rin"].get("rtt") is not None:
        objects["RI"] = {"type": "remote-inbound-rtp", "roundTripTime": short["rin"]["rtt"]}
    if "pair" in short:
        objects["P"] = {"type": "candidate-pair", "currentRoundTripTime": short["pair"]["rtt"]}
    return objects


def reports(begun: int) -> list[Report]:
    """The capture's reports, from `begun` (epoch ms) on."""
    return [Report(begun + 1000 * entry["t"], w3c(entry["B"])) for entry in seconds()]
