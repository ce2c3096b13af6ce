"""Which code looks at which kind of target. Modules are imported when needed: media libraries take their time."""

from collections.abc import Callable
from functools import partial
from importlib import import_module

from aftercare.probe.run import Run
from aftercare.probe.types import Unable

LOOKS = {
    "hls": "playing:play",
    "flv": "playing:play",
    "rtmp": "playing:play",
    "whep": "webrtc:call_whep",
    "whip": "webrtc:push_whip",
    "rtmp_push": "pushing:push_rtmp",
    "srt_push": "pushing:push_srt",
    "http_api": "asking:ask_api",
    "dns": "names:resolve_name",
    "certificate": "expiry:check_certificate",
    "domain": "expiry:check_domain",
}


def looker_for(kind: str, *, rdap: str) -> Callable[[Run], None]:
    """What looks at this kind of target; it raises Failed for what a target did wrong.

    `rdap` is the RDAP service's address. Raises Unable for a kind that this agent does not know.
    """
    place = LOOKS.get(kind)
    if place is None:
        raise Unable(f"this agent is too old for targets of the kind {kind}")
    module, _, name = place.partition(":")
    function: Callable[..., None] = getattr(import_module(f"aftercare.probe.{module}"), name)
    return partial(function, rdap=rdap) if kind == "domain" else function
