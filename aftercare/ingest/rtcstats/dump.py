"""A dump's file: its first line, its metadata, its lines; as it is, or as the file of a form."""

import re
from typing import Any

import msgspec

from aftercare.ingest.agent import facts_of_agent
from aftercare.ingest.facts import merged
from aftercare.ingest.reading import UNREADABLE, Refusal
from aftercare.ingest.rtcstats.naming import told_in_metadata
from aftercare.ingest.rtcstats.trace import Trace
from aftercare.ingest.samples import Facts, Sample
from aftercare.ingest.seen import hash64
from aftercare.kernel.errors import Refused

MAGIC = b"RTCStatsDump\n"
NEWEST_FORMAT = 3
MOST_LINES = 50_000
MOST_REFUSALS = 100
BOUNDARY = re.compile(r'boundary="?([^";]{1,70})"?')


def read_dump(body: bytes, *, given: Facts, name: str, now_ms: int) -> tuple[list[Sample], list[int], list[Refusal]]:
    """The samples of a dump, a hash for each, and the lines that could not be read.

    `name` names the recording; without one it is named by its own beginning, so that the same file is the same
    recording however often it is sent. Raises Refused for what is no dump.
    """
    if not body.startswith(MAGIC):
        raise Refused('this is no rtcstats dump: its first line must be "RTCStatsDump"')
    if body.count(b"\n") > MOST_LINES:
        raise Refused(f"this dump has more than {MOST_LINES:,} lines")
    lines = body.split(b"\n")
    metadata = read_metadata(lines[1] if len(lines) > 1 else b"")
    session, facts = told_in_metadata(metadata)
    agent = metadata.get("userAgent")
    seen = facts_of_agent(agent.encode()) if isinstance(agent, str) else {}
    beginning = b"\n".join(lines[1:4]).decode("utf-8", "replace")
    told = merged(facts, merged(given, Facts(**seen)))
    trace = Trace(name or f"{hash64(beginning):016x}", session=session, facts=told)
    refusals: list[Refusal] = []
    for number, line in enumerate(lines[2:], 3):
        if line.lstrip()[:1] != b"[":
            continue
        try:
            trace.feed(line, now_ms=now_ms)
        except Refused as refused:
            if len(refusals) < MOST_REFUSALS:
                refusals.append(Refusal(number, refused.sentence))
    return *trace.drain(), refusals


def read_metadata(line: bytes) -> dict[str, Any]:
    """The second line. Raises Refused where it is no metadata, or of a format that is not known."""
    try:
        metadata = msgspec.json.decode(line, type=dict[str, Any])
    except UNREADABLE as error:
        raise Refused(f"the second line of a dump is its metadata, a JSON object: {error}") from None
    version = metadata.get("fileFormat")
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= NEWEST_FORMAT:
        raise Refused(f"fileFormat is {str(version)[:20]!r}; formats up to {NEWEST_FORMAT} are known here")
    return metadata


def file_of(body: bytes, content_type: str) -> bytes:
    """The dump itself, out of a form's first file where it came as one. Raises Refused where the form holds none."""
    if not content_type.startswith("multipart/form-data"):
        return body
    found = BOUNDARY.search(content_type)
    if found is None:
        raise Refused("the form's boundary is missing in Content-Type")
    begun = body.find(MAGIC)
    ends = body.find(b"\r\n--" + found[1].encode(), begun)
    if begun < 0 or ends < 0:
        raise Refused("the form holds no rtcstats dump, or ends before its end")
    return body[begun:ends]
