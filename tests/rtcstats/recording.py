"""Writes recordings as the format's description says: header, metadata, lines with times between them, short names.

Its own words for the same description that the product reads, so that a slip in the one is not hidden by the other.
"""

import json
from typing import Any

METHOD_NUMBERS = {
    "getStats": "g",
    "setLocalDescription": 6,
    "setRemoteDescription": 8,
    "addIceCandidate": 10,
    "onicecandidate": 20,
    "ontrack": 22,
    "oniceconnectionstatechange": 24,
    "onconnectionstatechange": 25,
    "close": 36,
    "create": 39,
    "navigator.mediaDevices.getUserMediaOnFailure": 65,
    "MediaStreamTrack.onunmute": 74,
}
TYPE_NUMBERS = {"inbound-rtp": 1, "outbound-rtp": 2, "remote-inbound-rtp": 3, "transport": 5, "candidate-pair": 6,
                "local-candidate": 7, "remote-candidate": 8}  # fmt: skip
PROPERTY_NUMBERS = {"ssrc": 10, "kind": 11, "packetsReceived": 14, "packetsLost": 15, "jitter": 16, "framesDecoded": 20,
                    "framesDropped": 22, "frameWidth": 23, "frameHeight": 24, "framesPerSecond": 25, "freezeCount": 32,
                    "totalFreezesDuration": 33, "bytesReceived": 41, "jitterBufferDelay": 47,
                    "jitterBufferEmittedCount": 49, "totalSamplesReceived": 51, "concealedSamples": 52,
                    "silentConcealedSamples": 53, "concealmentEvents": 54, "framesReceived": 60, "roundTripTime": 75,
                    "qualityLimitationReason": 95, "selectedCandidatePairId": 125, "address": 134, "candidateType": 136,
                    "networkType": 145, "localCandidateId": 148, "remoteCandidateId": 149,
                    "currentRoundTripTime": 152}  # fmt: skip
Line = list[Any]


class Recording:
    """Lines in the making, as the client of format 3 makes them."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._last = 0
        self._before: dict[str, dict[str, dict[str, Any]]] = {}
        self._numbers: dict[str, dict[str, str]] = {}

    def add(self, method: str, peer: str | None, value: Any, at: int, *more: Any) -> "Recording":
        """One line; `at` is epoch milliseconds."""
        self.lines.append([METHOD_NUMBERS.get(method, method), peer, value, *more, at - self._last])
        self._last = at
        return self

    def stats(self, peer: str, objects: dict[str, dict[str, Any]], at: int) -> "Recording":
        """A getStats line, delta-compressed."""
        before, numbers = self._before.get(peer, {}), self._numbers.setdefault(peer, {})
        delta: dict[str, Any] = {"t": at}
        for name in objects:
            numbers.setdefault(name, str(len(numbers)))
        for name, found in objects.items():
            changed = {key: value for key, value in found.items() if before.get(name, {}).get(key) != value}
            if changed:
                delta[numbers[name]] = {short(key): worded(key, value, numbers) for key, value in changed.items()}
        delta.update({numbers[name]: None for name in before if name not in objects})
        self._before[peer] = objects
        return self.add("getStats", peer, delta, at)

    def dump(self, **metadata: Any) -> bytes:
        """The whole file."""
        head = ["RTCStatsDump", json.dumps({"fileFormat": 3, **metadata})]
        return "\n".join([*head, *map(json.dumps, self.lines), ""]).encode()


def short(name: str) -> str:
    """A property's number where it has one."""
    return str(PROPERTY_NUMBERS.get(name, name))


def worded(name: str, value: Any, numbers: dict[str, str]) -> Any:
    """A property's value in the words of a delta."""
    if name == "type":
        return TYPE_NUMBERS.get(value, value)
    return numbers.get(value, value) if name.endswith("Id") else value


def joined(peer: str, begun: int, *, told: dict[str, Any] | None = None, to: Recording | None = None) -> Recording:
    """A recording of a connection that joins: 200 ms of signalling, 150 of ICE, 60 of DTLS, 320 to the first frame."""
    made = to or Recording()
    made.add("create", peer, {"iceServers": [{"urls": "turn:203.0.113.9"}]}, begun)
    if told is not None:
        made.add(":aftercare", peer, told, begun + 1)
    sdp = {"type": "offer", "sdp": "v=0\r\no=- 1 2 IN IP4 198.51.100.7\r\n"}
    candidate = {"candidate": "candidate:1 1 udp 2122260223 198.51.100.7 54321 typ host"}
    made.add("setLocalDescription", peer, sdp, begun + 100, "6-0")
    made.add("onicecandidate", peer, candidate, begun + 150)
    made.add("setRemoteDescription", peer, {**sdp, "type": "answer"}, begun + 300, "8-0")
    made.add("addIceCandidate", peer, candidate, begun + 310, "10-0")
    made.add("ontrack", peer, ["video", "track-1", "stream-1"], begun + 320)
    made.add("onconnectionstatechange", peer, "connecting", begun + 330)
    made.add("oniceconnectionstatechange", peer, "checking", begun + 340)
    made.add("oniceconnectionstatechange", peer, "connected", begun + 490)
    made.add("onconnectionstatechange", peer, "connected", begun + 550)
    return made.add("MediaStreamTrack.onunmute", peer, "track-1", begun + 640)
