"""One line of an access log as one request. Its text is the viewers' own: whatever it says is only ever data."""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from aftercare.ingest.logs.fields import Names, flat
from aftercare.ingest.reading import LONGEST_LINE, UNREADABLE
from aftercare.kernel.errors import Refused

DAY_MS = 86_400_000
MOST_BYTES = 10**12
NOTHING = ("", "-", "null")
# nginx's and Apache's `combined`, and anything after it. Possessive: no line takes longer than its length.
QUOTED = r'"((?:[^"\\]|\\.)*+)"'
COMBINED = re.compile(
    rf"(?P<remote_addr>[^ ]++) [^ ]++ [^\[]*+\[(?P<time_local>[^\]]++)\] {QUOTED.replace('(', '(?P<request>', 1)}"
    rf" (?P<status>[0-9]{{3}}) (?P<body_bytes_sent>[0-9]++|-)"
    rf"(?: {QUOTED} {QUOTED.replace('(', '(?P<http_user_agent>', 1)})?+"
)
ESCAPED = re.compile(r"\\x([0-9A-Fa-f]{2})")
PORT = re.compile(r":[0-9]{1,5}\Z")
NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")


class Line(msgspec.Struct):
    """One request that was answered. Times in milliseconds, None where the line does not tell; texts may be empty."""

    ended_ms: int
    took_ms: float | None
    first_byte_ms: float | None
    status: int
    bytes: int
    host: str
    path: str
    query: str
    address: str
    agent: str
    id: str
    cmcd: str
    cmcd_headers: list[str]
    told: dict[str, str]
    """The facts that it says outright: stream, country, province, carrier, cdn."""

    @property
    def began_ms(self) -> int:
        """When the request came, as near as the line tells."""
        return self.ended_ms - round(self.took_ms or 0)


def read_line(text: str, names: Names) -> Line:
    """A line as JSON or in `combined` format. Raises Refused."""
    if len(text) > LONGEST_LINE:
        raise Refused(f"this line is over {LONGEST_LINE >> 10} KiB")
    fields = fields_of(text)

    def said(what: str) -> Any:
        return next((fields[name] for name in names.get(what, ()) if is_said(fields.get(name))), None)

    def text_said(what: str, longest: int) -> str:
        value = said(what)
        return "" if value is None or isinstance(value, (dict, list)) else str(value)[:longest]

    took_ms = duration_ms(said("took_ms"), said("took_s"))
    uri = text_said("uri", LONGEST_LINE) or text_said("request", LONGEST_LINE).partition(" ")[2].rpartition(" ")[0]
    path, _, in_uri = uri.partition("?")
    return Line(
        ended_ms=end_of(said("ended"), said("began"), took_ms),
        took_ms=took_ms,
        first_byte_ms=duration_ms(said("first_byte_ms"), said("first_byte_s")),
        status=int(number_of(said("status"), 999) or 0),
        bytes=int(number_of(said("bytes"), MOST_BYTES) or 0),
        host=PORT.sub("", text_said("host", 128)),
        path=path_of(path),
        query=text_said("query", LONGEST_LINE).lstrip("?") or in_uri,
        address=text_said("address", 64),
        agent=text_said("agent", 400),
        id=text_said("id", 128),
        cmcd=text_said("cmcd", LONGEST_LINE),
        cmcd_headers=[str(v) for name in names.get("cmcd_header", ()) if is_said(v := fields.get(name))],
        told={fact: v for fact in ("stream", "country", "province", "carrier", "cdn") if (v := text_said(fact, 128))},
    )


def fields_of(text: str) -> dict[str, Any]:
    """The line's fields by their flat names. Raises Refused."""
    if text.lstrip()[:1] == "{":
        try:
            fields = msgspec.json.decode(text)
        except UNREADABLE as error:
            raise Refused(f"this is not JSON: {error}") from None
        return {flat(name): value for name, value in fields.items()}
    found = COMBINED.match(text)
    if found is None:
        raise Refused("this line is neither a JSON object nor in nginx's combined format")
    return {name: ESCAPED.sub(lambda m: chr(int(m[1], 16)), value or "") for name, value in found.groupdict().items()}


def is_said(value: Any) -> bool:
    """Whether a field holds anything."""
    return value is not None and value not in NOTHING


def end_of(ended: Any, began: Any, took_ms: float | None) -> int:
    """When the answer was over. Raises Refused for a line without a time that can be read."""
    if ended is not None:
        return instant_ms(ended)
    if began is None:
        raise Refused("this line has no time; the fields that are looked for are in docs/access-logs.md")
    return instant_ms(began) + round(took_ms or 0)


def instant_ms(value: Any) -> int:
    """Epoch seconds, milliseconds or microseconds, ISO 8601, or nginx's `time_local`. Raises Refused.

    A time without a zone is UTC.
    """
    number = number_of(value, 1e17)
    if number is not None:
        return int(number * 1000 if number < 1e11 else number if number < 1e14 else number / 1000)
    for parse in (datetime.fromisoformat, time_local):
        try:
            at = parse(str(value)[:40].strip())
            return int(at.replace(tzinfo=at.tzinfo or UTC).timestamp() * 1000)
        except (ValueError, OverflowError):
            continue
    raise Refused(f"time {str(value)[:40]!r} cannot be read; send ISO 8601, or seconds or milliseconds since the epoch")


def time_local(text: str) -> datetime:
    """The time of `combined`: 25/Nov/2026:17:57:14 +0000."""
    return datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z")


def number_of(value: Any, largest: float) -> float | None:
    """A number from 0 to `largest`, told as one or as text, else None."""
    if isinstance(value, str):
        value = value.strip()
        value = float(value) if NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= largest:
        return None
    return value


def duration_ms(ms: Any, seconds: Any) -> float | None:
    """A duration in milliseconds, up to a day; where nginx lists those of several upstreams, the last."""
    value, unit = (seconds, 1000) if ms is None else (ms, 1)
    if isinstance(value, str):
        value = value.rpartition(",")[2].rpartition(" : ")[2]
    told = number_of(value, DAY_MS / unit)
    return None if told is None else told * unit


def path_of(uri: str) -> str:
    """The path of an address that may begin with scheme and host."""
    _, scheme, rest = uri.partition("://")
    return "/" + rest.partition("/")[2] if scheme else uri
