"""What a CDN served, out of its real-time log: who was served what, how much of it, how soon, with which status."""

import re
from urllib.parse import unquote

from aftercare.ingest.keys import Key
from aftercare.ingest.logs.line import Line
from aftercare.ingest.logs.requests import known, place_of
from aftercare.ingest.places import Places
from aftercare.ingest.reading import time_refusal
from aftercare.ingest.samples import Facts, Sample
from aftercare.kernel.errors import Refused
from aftercare.kernel.signing import keyed_hash

SESSION_PREFIX = "cdn/"
FAILED_STATUS = 500
MEDIA = re.compile(r"(.+)\.(flv|m3u8|mpd|ts|m4s|mp4|m4v|m4a|aac|cmfv|cmfa)")
WHOLE_STREAMS = ("flv", "m3u8", "mpd")
# A segment's number at the end of its name, as packagers write it.
NUMBERED = re.compile(r"[-_][0-9]+\Z")
# Names that say what kind of file it is; the stream's own is then that of the folder.
KINDS = re.compile(
    r"(?:[0-9]+|(?:index|playlist|master|manifest|media|chunklist|prog_index|seg|segment|chunk|frag|part|init)"
    r"(?:[-_](?:stream|track|v|a)?[0-9]*){0,3}[0-9]*)\Z",
    re.IGNORECASE,
)
PROTOCOLS = {"flv": "flv", "m3u8": "hls", "ts": "hls", "mpd": "dash"}


def sample_of(line: Line, key: Key, places: Places, *, cdn: str, now_ms: int) -> Sample:
    """The line as a row of event `served`, at the time the answer was over. Raises Refused.

    The viewer is a keyed hash of address and browser, so that viewers can be counted; neither is kept itself.
    """
    why = time_refusal(line.ended_ms, now_ms)
    if why:
        raise Refused(why)
    facts = Facts(
        stream=line.told.get("stream") or stream_of(line.path),
        cdn=line.told.get("cdn") or cdn,
        domain=line.host,
        protocol=PROTOCOLS.get(line.path.rpartition(".")[2].lower(), ""),
        **place_of(line, places),
    )
    return Sample(
        session=SESSION_PREFIX + viewer_of(line, key),
        ts=line.ended_ms,
        facts=facts,
        event="served",
        code=str(line.status or ""),
        elapsed_ms=known(line.first_byte_ms),
        requests=1,
        requests_failed=int(line.status >= FAILED_STATUS),
        served_bytes=line.bytes,
    )


def viewer_of(line: Line, key: Key) -> str:
    """A name for who asked, under the customer's secret; under the app's own name where users are kept unhashed."""
    secret = key.user_secret or f"aftercare/{key.customer}/{key.app}/{key.resource}".encode()
    return keyed_hash(secret, f"cdn\n{line.address}\n{line.agent}").hex()


def stream_of(path: str) -> str:
    """The stream that a path is of: `/live/room1.flv`, `/live/room1-404.ts` and `/live/room1/index.m3u8` are room1."""
    *folders, name = unquote(path).split("/")
    media = MEDIA.fullmatch(name)
    if media is None:
        return ""
    stem = media[1] if media[2] in WHOLE_STREAMS else NUMBERED.sub("", media[1])
    if media[2] != "flv" and KINDS.match(stem):
        stem = folders[-1] if folders else ""
    return stem[:128]
