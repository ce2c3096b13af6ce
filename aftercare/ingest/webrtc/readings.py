"""What one getStats report says of its instant: the path, its round trip, the picture, what holds quality down."""

from collections.abc import Iterable, Mapping
from typing import Any

from aftercare.ingest.webrtc.growth import Object, number

Objects = Mapping[str, Object]

LONGEST_WORD = 32
# A round trip or a jitter beyond this is no measurement.
MOST_S = 60.0


def of_type(objects: Objects, *types: str) -> list[tuple[str, Object]]:
    """The objects of these types, with their ids."""
    return [(name, found) for name, found in objects.items() if found.get("type") in types]


def kind_of(found: Object) -> str:
    """ "video", "audio", or "" where it does not say (`mediaType` is its name in older browsers)."""
    return word(found, "kind") or word(found, "mediaType")


def word(found: Object, name: str) -> str:
    """A short text such as the browser's enumerations, "" where there is none."""
    value = found.get(name)
    return value[:LONGEST_WORD] if isinstance(value, str) and value.isprintable() else ""


def selected_pair(objects: Objects) -> Object | None:
    """The candidate pair in use: the transport's choice, else (Firefox) the one that says so itself."""
    for _, transport in of_type(objects, "transport"):
        chosen = transport.get("selectedCandidatePairId")
        if isinstance(chosen, str) and chosen in objects:
            return objects[chosen]
    pairs = [pair for _, pair in of_type(objects, "candidate-pair")]
    return next((pair for pair in pairs if pair.get("selected") is True), None) or next(
        (pair for pair in pairs if pair.get("nominated") is True and pair.get("state") == "succeeded"), None
    )


def path_of(objects: Objects) -> dict[str, str]:
    """How the media goes: candidate types of both ends (`relay` is a TURN server), protocol, kind of network.

    No address is among them.
    """
    pair = selected_pair(objects)
    if pair is None:
        return {}
    local, remote = (objects.get(str(pair.get(end)), {}) for end in ("localCandidateId", "remoteCandidateId"))
    told = {
        "local": word(local, "candidateType"),
        "remote": word(remote, "candidateType"),
        "transport": word(local, "relayProtocol") or word(local, "protocol"),
        "network": word(local, "networkType"),
    }
    return {name: value for name, value in told.items() if value and value != "unknown"}


def rtt_ms(objects: Objects) -> float | None:
    """The round trip: of the chosen path by STUN, else as RTCP told it of the media sent or received; the longest."""
    pair = selected_pair(objects)
    seconds = number(pair, "currentRoundTripTime", MOST_S) if pair is not None else None
    if seconds is None:
        told = of_type(objects, "remote-inbound-rtp", "remote-outbound-rtp")
        seconds = most(number(found, "roundTripTime", MOST_S) for _, found in told)
    return None if seconds is None else seconds * 1000


def jitter_ms(streams: Iterable[Object]) -> float | None:
    """The jitter of the worst of these streams."""
    seconds = most(number(found, "jitter", MOST_S) for found in streams)
    return None if seconds is None else seconds * 1000


def main_picture(streams: Iterable[Object]) -> Object | None:
    """The video with the largest picture, where one has a size."""
    return max((found for found in streams if area(found)), key=area, default=None)


def area(found: Object) -> float:
    """Width times height, 0 where unknown."""
    return (number(found, "frameWidth", 16_384) or 0.0) * (number(found, "frameHeight", 16_384) or 0.0)


def limitation(objects: Objects) -> str:
    """What holds the sent picture down (`bandwidth`, `cpu`, `other`), "" where nothing does or nobody said."""
    reasons = {word(found, "qualityLimitationReason") for _, found in of_type(objects, "outbound-rtp")}
    return next((reason for reason in ("bandwidth", "cpu", "other") if reason in reasons), "")


def most(values: Iterable[float | None]) -> float | None:
    """The highest of those that are known."""
    return max((value for value in values if value is not None), default=None)


def plain(told: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty or unknown."""
    return {name: value for name, value in told.items() if value not in (None, "", 0, {})}
