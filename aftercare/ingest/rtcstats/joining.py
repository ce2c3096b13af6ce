"""A peer connection's way into the call: its steps, how long each took, and how it failed."""

import re
from typing import Any

import msgspec

from aftercare.ingest.samples import DAY_MS, Sample

MOST_TRACKS = 64
LONGEST_ID = 128
FAILED_CALLS = frozenset(
    (
        "createOfferOnFailure",
        "createAnswerOnFailure",
        "setLocalDescriptionOnFailure",
        "setRemoteDescriptionOnFailure",
        "navigator.mediaDevices.getUserMediaOnFailure",
        "navigator.mediaDevices.getDisplayMediaOnFailure",
    )
)
# What looks like an address, of either kind, wherever a page may have written one.
ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{1,4}(?![\w:])")
ERROR_NAME = re.compile(r"\A[A-Za-z]{3,40}Error\b")


class Description(msgspec.Struct):
    """A session description without its SDP, which is full of addresses and is not even read."""

    type: str = ""


class Joining:
    """What happened on the way, each told once; times are epoch milliseconds."""

    def __init__(self, created: int | None) -> None:
        self._created = created
        self._offered: int | None = None
        self._is_answered = False
        self._checking: int | None = None
        self._ice_at: int | None = None
        self._connecting: int | None = None
        self.joined_at: int | None = None
        self._has_failed = False
        self._tracks: dict[str, int] = {}
        self._has_frame = False
        self.is_left = False

    def happened(self, method: str, value: msgspec.Raw, at: int) -> list[Sample]:
        """The samples of one line; their session is filled in by whoever knows it."""
        if method == "setLocalDescription":
            return self._local(decoded(value, Description | None), at)
        if method == "setRemoteDescription":
            return self._remote(decoded(value, Description | None), at)
        if method == "oniceconnectionstatechange":
            return self._ice(decoded(value, str), at)
        if method == "onconnectionstatechange":
            return self._connection(decoded(value, str), at)
        if method == "ontrack":
            return self._track(decoded(value, list[Any] | str), at)
        if method == "MediaStreamTrack.onunmute":
            return self._unmuted(decoded(value, str), at)
        if method == "close" and not self.is_left:
            self.is_left = True
            return [event("leave", at)]
        return [failed_call(method, value, at)] if method in FAILED_CALLS else []

    def _local(self, description: Description | None, at: int) -> list[Sample]:
        # Called without an argument it offers or answers by what came before: only the offer waits for the other side.
        if self._offered is None and not self._is_answered and (description is None or description.type == "offer"):
            self._offered = at
        return []

    def _remote(self, description: Description | None, at: int) -> list[Sample]:
        waited = self._offered
        is_first, self._is_answered = not self._is_answered, True
        if waited is None or not is_first or (description and description.type == "offer"):
            return []
        return [step("signalling", at, waited)]

    def _ice(self, state: str | None, at: int) -> list[Sample]:
        if state == "checking" and self._checking is None:
            self._checking = at
        elif state in ("connected", "completed") and self._ice_at is None:
            self._ice_at = at
            return [step("ice", at, self._checking)]
        elif state == "failed":
            return self._failed("ice failed", at)
        elif state == "disconnected" or (state == "connected" and self.joined_at is not None):
            return [event("connection", at, f"ice {state}")]
        return []

    def _connection(self, state: str | None, at: int) -> list[Sample]:
        if state == "connecting" and self._connecting is None:
            self._connecting = at
        elif state == "connected" and self.joined_at is None:
            self.joined_at = at
            begun = self._ice_at if self._ice_at is not None else self._connecting
            return [step("dtls", at, begun), event("join_ok", at, elapsed=since(self._created, at))]
        elif state == "failed":
            return self._failed("connection failed", at)
        elif state in ("disconnected", "connected"):
            return [event("connection", at, state)]
        return []

    def _failed(self, why: str, at: int) -> list[Sample]:
        """ICE and the connection both say that they failed: the first word counts, until it is joined again."""
        if self._has_failed:
            return []
        self._has_failed = True
        failure = event("error", at, why)
        return [failure] if self.joined_at is not None else [failure, event("join_failed", at, why)]

    def _track(self, track: list[Any] | str | None, at: int) -> list[Sample]:
        """A remote track: `[kind, id, …]`, or `kind:id …` in the words of older clients."""
        if isinstance(track, list) and len(track) >= 2:
            kind, name = track[:2]
        elif isinstance(track, str):
            kind, _, rest = track.partition(":")
            name = rest.split(" ")[0]
        else:
            return []
        if kind == "video" and isinstance(name, str) and len(name) <= LONGEST_ID and len(self._tracks) < MOST_TRACKS:
            self._tracks.setdefault(name, at)
        return []

    def _unmuted(self, track: str | None, at: int) -> list[Sample]:
        """A remote video track unmutes when its first frame is there; the first of all tracks is the first frame."""
        begun = self._tracks.get(track or "")
        if begun is None or self._has_frame:
            return []
        self._has_frame = True
        return [event("first_frame", at, elapsed=since(begun, at))]


def event(name: str, at: int, code: str = "", *, elapsed: int = 0) -> Sample:
    """An event of a session that is filled in later."""
    return Sample(session="", ts=at, event=name, code=code, elapsed_ms=elapsed)


def step(name: str, at: int, begun: int | None) -> Sample:
    """A join step that is done."""
    return event("step", at, name, elapsed=since(begun, at))


def since(begun: int | None, at: int) -> int:
    """Milliseconds waited: at least 1 where both ends are known, 0 where one is not."""
    return 0 if begun is None else max(1, min(at - begun, DAY_MS))


def failed_call(method: str, value: msgspec.Raw, at: int) -> Sample:
    """A call that the browser refused: its name and the error's class, not its message, which may hold addresses."""
    name = method.rpartition(".")[2].removesuffix("OnFailure")
    found = ERROR_NAME.match(decoded(value, str) or "")
    return event("error", at, f"{name} {found[0] if found else ''}".strip())


def custom(method: str, at: int) -> Sample:
    """An event of the page's own: its name, less what looks like an address in it. What else it holds is not kept."""
    return event("custom", at, ADDRESS.sub("(address)", method.removeprefix(":")))


def decoded(value: msgspec.Raw, kind: Any) -> Any:
    """The value as this type, None where it is none."""
    try:
        return msgspec.json.decode(value, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
