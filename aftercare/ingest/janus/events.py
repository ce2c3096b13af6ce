"""One Janus event as a row of the session it is about: the server's view of the call.

The types: Janus documentation, "Event handlers" (1 session, 2 handle, 8 JSEP, 16 WebRTC, 32 media, 64 plugin,
128 transport, 256 core); times are microseconds since the epoch.
"""

import functools
import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from aftercare.ingest.janus.media import stats_row
from aftercare.ingest.reading import time_refusal
from aftercare.ingest.samples import Facts, Sample
from aftercare.ingest.seen import hash64
from aftercare.kernel.errors import Refused

HANDLE, JSEP, WEBRTC, MEDIA, PLUGIN = 2, 8, 16, 32, 64
ICE, SELECTED_PAIR, DTLS, CONNECTION = 1, 4, 5, 6
RECEIVING, SLOW_LINK, STATS = 1, 2, 3
LONGEST_SESSION = 64
LONGEST_CODE = 64
# "198.51.100.7:4242 [host,udp] <-> 203.0.113.9:5353 [prflx,udp]": the kinds of both ends, not their addresses.
PAIR = re.compile(r"\[(\w{1,10}),(\w{1,10})\][^\[]{0,80}\[(\w{1,10}),\w{1,10}\]")
WORD = re.compile(r"\A[\w .,:()'/-]{1,64}\Z")

Id = Annotated[int, Meta(ge=0)]


class Told(Struct):
    """What all events have; what is said beside it is not read."""

    type: Annotated[int, Meta(ge=0, le=1 << 16)]
    timestamp: Annotated[int, Meta(ge=0, lt=1 << 62)]
    emitter: Annotated[str, Meta(max_length=128)] = ""
    subtype: int = 0
    session_id: Id = 0
    handle_id: Id = 0
    opaque_id: str = ""
    event: Any = None


def read_event(entry: Any, *, now_ms: int, refused: list[str]) -> tuple[Sample, int] | None:
    """The row of one event and its hash; None where it is about no call. Raises Refused for what is no event.

    What is wrong about a single figure is put into `refused`, and the rest of the event kept.
    """
    try:
        told = msgspec.convert(entry, Told)
    except msgspec.ValidationError as error:
        raise Refused(f"this is no Janus event: {error}") from None
    at = told.timestamp // 1000
    why = time_refusal(at, now_ms)
    if why:
        raise Refused(why)
    event = told.event if isinstance(told.event, dict) else {}
    if not told.handle_id:
        return None
    name, code = happening(told.type, told.subtype, event)
    sample = Sample(session=session_of(told, event), ts=at, event=name, code=code)
    if told.type == MEDIA and told.subtype == STATS:
        stats_row(sample, told.handle_id, event, refused)
    elif not name:
        return None
    sample.facts = facts_of(told.emitter)
    return sample, hash_of(told, event)


@functools.lru_cache(1000)
def facts_of(emitter: str) -> Facts:
    """What all events of a server say of their sessions."""
    return Facts(edge=emitter if emitter.isprintable() else "", protocol="webrtc")


def session_of(told: Told, event: Mapping[str, Any]) -> str:
    """The session: the handle's opaque id, which is the application's to choose, else the handle itself."""
    for opaque in (told.opaque_id, event.get("opaque_id")):
        if isinstance(opaque, str) and 0 < len(opaque) <= LONGEST_SESSION and opaque.isprintable():
            return opaque
    name = f"janus/{told.emitter}/{told.session_id}/{told.handle_id}"
    if len(name) <= LONGEST_SESSION and name.isprintable():
        return name
    return f"janus/{hash64(told.emitter):016x}/{hash64(f'{told.session_id}/{told.handle_id}'):016x}"


def hash_of(told: Told, event: Mapping[str, Any]) -> int:
    """What makes it the same event when it is sent again: who told it, of what, and when."""
    of_what = f"{told.session_id}\n{told.handle_id}\n{told.type}\n{told.subtype}"
    named = ("mid", "media", "name", "ice", "dtls", "connection", "owner")
    states = "\n".join(str(event.get(name))[:LONGEST_CODE] for name in named)
    return hash64(f"janus\n{told.emitter}\n{told.timestamp}\n{of_what}\n{states}") or 1


def happening(kind: int, subtype: int, event: Mapping[str, Any]) -> tuple[str, str]:
    """The raw event and its detail, both empty where there is nothing to tell."""
    if kind == HANDLE:
        return named("server", event.get("name"))
    if kind == JSEP:
        jsep = event.get("jsep")
        described = jsep.get("type") if isinstance(jsep, dict) else None
        return named("server", event.get("owner"), described)
    if kind == WEBRTC:
        return on_the_way(subtype, event)
    if kind == MEDIA and subtype == RECEIVING and isinstance(event.get("receiving"), bool):
        return named("server", event.get("media"), "arrives" if event["receiving"] else "stopped")
    if kind == MEDIA and subtype == SLOW_LINK:
        return named("server_slow", event.get("media"), event.get("slow_link"))
    if kind == PLUGIN:
        data = event.get("data")
        return named("server", data.get("event") if isinstance(data, dict) else None)
    return "", ""


def on_the_way(subtype: int, event: Mapping[str, Any]) -> tuple[str, str]:
    """What the WebRTC events tell: ICE and DTLS states, the pair in use, connected and hung up with the reason."""
    if subtype == ICE:
        return named("server_failed" if event.get("ice") == "failed" else "server", "ICE", event.get("ice"))
    if subtype == DTLS:
        return named("server_failed" if event.get("dtls") == "failed" else "server", "DTLS", event.get("dtls"))
    if subtype == SELECTED_PAIR:
        found = PAIR.search(str(event.get("selected-pair"))[:400])
        return ("server", f"{found[1]} – {found[3]}, {found[2]}") if found else ("", "")
    if subtype == CONNECTION:
        state = event.get("connection")
        reason = event.get("reason")
        return named("server", "connected") if state == "webrtcup" else named("server", state, reason)
    return "", ""


def named(event: str, *words: Any) -> tuple[str, str]:
    """The event with these words as its detail; nothing where a first word is missing or is no word."""
    told = [word for word in words if isinstance(word, str) and WORD.match(word)]
    return (event, " ".join(told)[:LONGEST_CODE]) if told and told[0] == words[0] else ("", "")
