"""From a CMCD report to rows: the report itself, and what its player states add up to."""

from typing import Any
from urllib.parse import urlsplit

import msgspec

from aftercare.ingest.cmcd import number_of, reading_of, text_of
from aftercare.ingest.cmcd_points import sequence_of, state_of
from aftercare.ingest.facts import Vocabulary, merged, missing_in
from aftercare.ingest.keys import Key
from aftercare.ingest.playback import Playback
from aftercare.ingest.rows import Rows
from aftercare.ingest.samples import NO_FACTS, Facts, Sample
from aftercare.ingest.seen import hash64
from aftercare.ingest.sessions import LOG_SOURCE, Session
from aftercare.ingest.states import Point, Sums
from aftercare.kernel.errors import Refused

# CTA-5004-B event tokens and the raw event each becomes.
EVENT_OF = {
    "ps": "state",
    "t": "",
    "e": "error",
    "rr": "response",
    "bc": "bitrate",
    "pr": "rate",
    "c": "content",
    "b": "background",
    "h": "host",
    "m": "mute",
    "um": "unmute",
    "pe": "expand",
    "pc": "collapse",
    "as": "ad_start",
    "ae": "ad_end",
    "abs": "ad_break_start",
    "abe": "ad_break_end",
    "sk": "skip",
    "ce": "custom",
}
PROTOCOLS = {"h": "hls", "d": "dash", "s": "smooth"}
# These become columns; every other key is kept as it came, in `detail`.
COLUMNS = frozenset(("sid", "e", "ts", "cid", "v"))
LONGEST_DETAIL = 4000


class Logged(msgspec.Struct, frozen=True):
    """What an access log says of the request that carried a report: `elapsed_ms` to the last byte, 0 unknown."""

    status: str
    elapsed_ms: int
    bytes: int
    host: str
    viewer: Facts = NO_FACTS
    """What the client's address and browser tell: less than the player knows itself."""


class Report(msgspec.Struct):
    """One CMCD line, checked as far as it can be without its session."""

    session: str
    ts: int
    event: str
    hash: int
    keys: dict[str, Any]
    point: Point | None = None
    """The state it tells, where it tells one that holds at `ts`."""
    logged: Logged | None = None
    """Where it came by a request, out of a log: then `event` is `rr`, what the request's answer is."""


def session_of(keys: dict[str, Any]) -> str:
    """The session a report belongs to. Raises Refused where it says none."""
    session = keys.get("sid")
    if not isinstance(session, str) or not 0 < len(session) <= 64:
        raise Refused("sid is missing: without a session id of 1 to 64 characters the report cannot be counted")
    return session


def checked(keys: dict[str, Any]) -> Report:
    """The report of a parsed event. Raises Refused where a key without which it cannot be counted is missing."""
    session, ts, event = session_of(keys), keys.get("ts"), keys.get("e")
    if isinstance(ts, bool) or not isinstance(ts, int) or ts < 0:
        raise Refused("ts is missing: every event report tells its time in milliseconds")
    if not isinstance(event, str) or event not in EVENT_OF:
        raise Refused(f"e is {event!r}: not an event of CTA-5004-B")
    sequence = keys.get("sn")
    line = 0 if sequence is None else hash64(f"event\n{session}\n{sequence}\n{event}\n{ts}") or 1
    # An `rr` carries the time of its request but the state at its answer: its state has no time of its own.
    point = (ts, sequence_of(keys), state_of(keys)) if event in ("ps", "t") else None
    return Report(session, ts, event, line, keys, point)


def add_reports(
    rows: Rows, reports: list[Report], session: Session, key: Key, given: Facts, words: Vocabulary, now_s: float
) -> None:
    """Add the rows of one session's reports to the commit and bring it on."""
    ordered = sorted(reports, key=moment)
    points = [report.point for report in ordered if report.point is not None]
    if points and session.playback is None:
        session.playback = Playback()
    session.uncommitted += points
    changes = iter(session.playback.add_all(points) if session.playback is not None else ())
    for report in ordered:
        note_facts(report, session, key, given, words, now_s)
        add_report(rows, report, Sums() if report.point is None else next(changes), session, key)


def moment(report: Report) -> tuple[Any, ...]:
    """Where a report stands in its session."""
    return report.point or (report.ts,)


def add_report(rows: Rows, report: Report, change: Sums, session: Session, key: Key) -> None:
    """Add the rows of one report, with what its point changed."""
    keys = report.keys
    sample = Sample(session=report.session, ts=report.ts, event=EVENT_OF[report.event])
    if report.logged is not None:
        sample.code, sample.elapsed_ms = report.logged.status, report.logged.elapsed_ms
        sample.bytes = report.logged.bytes
    elif report.point is not None:
        sample.code = report.point[2]
    elif report.event == "e":
        sample.code = text_of(keys, "ec")
    elif report.event == "rr":
        sample.code = str(keys.get("rc", ""))[:8]
        sample.elapsed_ms = bounded(number_of(keys, "ttlb"))
    elif report.event == "ce":
        sample.code = text_of(keys, "cen")
    # What the player shows is told by `pb`; without it the rung it last chose is the nearest thing said.
    sample.bitrate_kbps = reading_of(keys, "pb") or reading_of(keys, "br") or None
    sample.buffer_ms = reading_of(keys, "bl")
    sample.detail = kept_keys(keys)
    sample.interval_ms, sample.play_ms = change.interval_ms, change.play_ms
    sample.stall_ms, sample.stall_count = change.stall_ms, change.stall_count
    source = "cmcd" if report.logged is None else LOG_SOURCE
    rows.add(sample, key, session.facts, line=report.hash, opened=session.open(), source=source)
    for name, at, elapsed in change.happenings:
        sign = -1 if name.startswith("-") else 1
        derived = Sample(session=report.session, ts=at, event=name.lstrip("-"), elapsed_ms=bounded(elapsed))
        rows.add(derived, key, session.facts, sign=sign, source="derived")


def note_facts(report: Report, session: Session, key: Key, given: Facts, words: Vocabulary, now_s: float) -> None:
    """Facts that a report carries: stream, protocol, CDN, host of what it fetched; and those of its address line."""
    keys, logged = report.keys, report.logged
    if logged is not None:
        given = merged(given, missing_in(session.facts, logged.viewer))
        host = logged.host
    else:
        host = text_of(keys, "h") or (host_of(keys.get("url")) if report.event == "rr" else "")
    origin = (keys.get("cid"), keys.get("sf"), keys.get("cdn"), host, given)
    if origin == session.origin:
        return
    session.origin = origin
    told = msgspec.structs.replace(
        given,
        stream=text_of(keys, "cid") or given.stream,
        protocol=PROTOCOLS.get(str(keys.get("sf")), "") or given.protocol,
        cdn=text_of(keys, "cdn") or given.cdn,
        domain=(host or given.domain)[:128],
        role=given.role or "audience",
    )
    session.facts = words.clean(told, session.facts, key, now_s)


def host_of(url: Any) -> str:
    """The host of a media request's address, empty where it has none."""
    if not isinstance(url, str):
        return ""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def kept_keys(keys: dict[str, Any]) -> str:
    """Every key that has no column of its own, as JSON; over the limit the longest go, whole, and `sn` never."""
    rest = {name: value for name, value in keys.items() if name not in COLUMNS}
    text = msgspec.json.encode(rest)
    if len(text) > LONGEST_DETAIL:
        lengths = {name: len(msgspec.json.encode({name: value})) for name, value in rest.items()}
        left = len(text)
        for name in sorted(lengths.keys() - {"sn"}, key=lambda name: -lengths[name]):
            if left <= LONGEST_DETAIL:
                break
            left -= lengths[name]
            del rest[name]
        text = msgspec.json.encode(rest)
    return text.decode()


def bounded(ms: float | None) -> int:
    """Milliseconds within a day; players are known to send absolute times where a duration belongs."""
    return int(ms) if ms is not None and 0 <= ms <= 86_400_000 else 0
