"""From a body to samples: good lines kept, bad ones named. Pure: bytes in, samples and refusals out."""

import re
import zlib
from dataclasses import dataclass, field

import msgspec

from aftercare.ingest.samples import Sample
from aftercare.kernel.errors import Refused
from aftercare.telemetry.schema.columns import EVENTS

LARGEST_BODY = 16 * 1024 * 1024
LONGEST_LINE = 64 * 1024
# Reading a body holds up everybody on the event loop: 20,000 lines take about a tenth of a second.
MOST_LINES = 20_000
USER = re.compile(rb'("user"\s*:\s*)"(?:[^"\\]|\\.)*"?')
OLDEST_MS = 7 * 86_400_000
NEWEST_MS = 10 * 60_000

# What decoding raises for bytes that are not JSON we can take; the last one for brackets thousands deep.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_one = msgspec.json.Decoder(Sample)
_many = msgspec.json.Decoder(list[Sample])
_raw = msgspec.json.Decoder(list[msgspec.Raw])


class TooLarge(Refused):
    """A body that unpacks to more than its source takes."""


@dataclass
class Refusal:
    """A line that was not taken: its number from 1, the sentence why, and how it began."""

    line: int
    reason: str
    excerpt: str = ""


@dataclass
class Reading:
    """What a body held."""

    samples: list[Sample] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    lines: int = 0


def unpacked(body: bytes, encoding: str, largest: int = LARGEST_BODY) -> bytes:
    """The body without its content encoding. Raises Refused on an unknown, broken or overlarge one."""
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise Refused(f"Content-Encoding {encoding!r} is not known here; send gzip or none")
    unzip = zlib.decompressobj(wbits=31)
    try:
        plain = unzip.decompress(body, largest + 1)
    except zlib.error as error:
        raise Refused(f"the body says gzip but cannot be unpacked ({error})") from None
    if len(plain) > largest:
        raise TooLarge(f"the body is over {largest >> 20} MiB unpacked; send smaller batches")
    if not unzip.eof:
        raise Refused("the gzip body ends before its end; send it again whole")
    return plain


def read_samples(body: bytes, *, now_ms: int) -> Reading:
    """The samples of a native body, NDJSON or one JSON array."""
    reading = Reading()
    entries = array_entries(body) if body.lstrip()[:1] == b"[" else None
    if entries is None:
        try:
            found = _one.decode_lines(body)
        except UNREADABLE:
            entries = [line for line in body.split(b"\n") if line.strip()]
        else:
            reading.lines = len(found)
            keep_in_time(found, reading, now_ms)
            return reading
    require_few_lines(len(entries))
    reading.lines = len(entries)
    numbered: list[tuple[int, Sample]] = []
    for number, entry in enumerate(entries, 1):
        try:
            numbered.append((number, _one.decode(entry)))
        except msgspec.ValidationError as error:
            reading.refusals.append(Refusal(number, plain_sentence(str(error)), excerpt(entry)))
        except UNREADABLE as error:
            reading.refusals.append(Refusal(number, f"this is not JSON: {error}", excerpt(entry)))
    for number, sample in numbered:
        why = why_not(sample, now_ms)
        if why:
            reading.refusals.append(Refusal(number, why, excerpt(entries[number - 1])))
        else:
            reading.samples.append(sample)
    reading.refusals.sort(key=lambda refusal: refusal.line)
    return reading


def require_few_lines(lines: int) -> None:
    """Raise Refused for a body of more lines than are read in one go."""
    if lines > MOST_LINES:
        raise Refused(f"the body has {lines:,} lines, more than {MOST_LINES:,}; send smaller batches")


def array_entries(body: bytes) -> list[bytes] | None:
    """The entries of a JSON array as bytes. Raises Refused where the array itself cannot be read."""
    try:
        return [bytes(raw) for raw in _raw.decode(body)]
    except UNREADABLE as error:
        raise Refused(f"the body begins like a JSON array but cannot be read as one: {error}") from None


def keep_in_time(found: list[Sample], reading: Reading, now_ms: int) -> None:
    """Sort out what is too old, too new or of an unknown event; the common case touches each sample once."""
    oldest, newest = now_ms - OLDEST_MS, now_ms + NEWEST_MS
    for number, sample in enumerate(found, 1):
        if oldest <= sample.ts <= newest and (not sample.event or sample.event in EVENTS):
            reading.samples.append(sample)
        else:
            reading.refusals.append(Refusal(number, why_not(sample, now_ms), sample.session))


def why_not(sample: Sample, now_ms: int) -> str:
    """The sentence why a well-formed sample is not taken, empty when it is."""
    if sample.event and sample.event not in EVENTS:
        return f"event {sample.event!r} is not known; the known ones are in /v1/samples.schema.json"
    return time_refusal(sample.ts, now_ms)


def time_refusal(ts_ms: int, now_ms: int) -> str:
    """The sentence why a time is not taken, empty when it is."""
    if ts_ms < now_ms - OLDEST_MS:
        return f"ts {ts_ms} is more than 7 days ago; older data is not taken (is the sender's clock right?)"
    if ts_ms > now_ms + NEWEST_MS:
        return f"ts {ts_ms} is more than 10 minutes ahead of the server (is it in milliseconds, is the clock right?)"
    return ""


def plain_sentence(message: str) -> str:
    """A decoder's message with the field said first: '`stall_ms`: expected …'."""
    if " - at `$." in message:
        what, _, where = message.rpartition(" - at `$.")
        return f"{where.rstrip('`')}: {what[0].lower()}{what[1:]}"
    return f"{message[0].lower()}{message[1:]}; the format is in /v1/samples.schema.json"


def excerpt(entry: bytes) -> str:
    """The beginning of a line, printable, without the user it may name: that is kept nowhere in clear."""
    return USER.sub(rb'\1"..."', entry[:4000])[:200].decode("utf-8", "replace")
