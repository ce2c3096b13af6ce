"""The events of a calendar's text: each read by itself, so that one that is broken takes nothing with it.

Of the text only the lines that say when and who are parsed. A calendar's own definitions of zones are not: their rules
would be run by whoever asks for a time, and zones that all the world knows (IANA, and Windows' names for them) suffice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from icalendar import Event

from aftercare.kernel.errors import Refused

BYTES_AT_MOST = 1_000_000
EVENTS_AT_MOST = 2_000
LONGEST = timedelta(days=366)
WANTED = frozenset(
    {"UID", "SUMMARY", "STATUS", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
    | {"ATTENDEE", "ORGANIZER"}
)


@dataclass(frozen=True)
class Entry:
    """One event by the wall clock of `zone`; None where it says no zone, as all-day events do: then the schedule's.

    `rule` is its RRULE as written, `replaces` the local time of the repetition that it stands for.
    """

    uid: str
    summary: str
    starts: datetime
    ends: datetime
    zone: ZoneInfo | None
    attendees: tuple[str, ...] = ()
    organizer: str = ""
    rule: str = ""
    more: tuple[datetime, ...] = ()
    but: frozenset[datetime | date] = frozenset()
    replaces: datetime | date | None = None
    is_cancelled: bool = False


@dataclass(frozen=True)
class Misread:
    """What was not understood: the event as people would know it, and why."""

    what: str
    why: str


@dataclass
class Calendar:
    """What a text holds."""

    entries: list[Entry] = field(default_factory=list)
    misread: list[Misread] = field(default_factory=list)


def read_calendar(text: str) -> Calendar:
    """Every event of the text. Raises Refused where it is none, too long, or has too many events."""
    if len(text.encode("utf-8", "replace")) > BYTES_AT_MOST:
        raise Refused(_("A calendar of at most 1 MB is taken."))
    if "BEGIN:VCALENDAR" not in text.upper():
        raise Refused(_("This is no calendar: a file that begins with BEGIN:VCALENDAR is taken."))
    found = Calendar()
    blocks = list(event_blocks(text))
    if len(blocks) > EVENTS_AT_MOST:
        raise Refused(
            _("The calendar has %(n)s events; at most %(most)s are taken. Export a shorter time.")
            % {"n": len(blocks), "most": EVENTS_AT_MOST}
        )
    for lines in blocks:
        read_block(lines, found)
    return found


def event_blocks(text: str) -> Iterator[list[str]]:
    """The wanted lines of each event, unfolded; what stands inside another component (an alarm) is left out."""
    inside: list[str] = []
    lines: list[str] = []
    is_kept = False
    for line in text.splitlines():
        if line[:1] in (" ", "\t"):
            if is_kept:
                lines[-1] += line[1:]
            continue
        name, is_kept = line.partition(":")[0].partition(";")[0].strip().upper(), False
        if name == "BEGIN":
            inside.append(line.partition(":")[2].strip().upper())
            lines = [] if inside[-1] == "VEVENT" else lines
        elif name == "END" and inside:
            if inside.pop() == "VEVENT" and "VEVENT" not in inside:
                yield lines
        elif inside and inside[-1] == "VEVENT" and name in WANTED:
            lines.append(line)
            is_kept = True


def read_block(lines: list[str], found: Calendar) -> None:
    """One event, to where it belongs."""
    event: Any = None
    try:
        event = Event.from_ical("\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""]))
        found.entries.append(entry_of(event))
    except Refused as refused:
        found.misread.append(Misread(name_of(event), refused.sentence))
    except (ValueError, AttributeError, TypeError, KeyError, OverflowError):
        found.misread.append(Misread(name_of(event), _("it is not written as RFC 5545 says.")))


def name_of(event: Any) -> str:
    """What people know it by."""
    told = str(event.get("SUMMARY", "") or event.get("UID", "")) if event else ""
    return told[:120] or _("an event without a name")


def entry_of(event: Any) -> Entry:
    """An event as it is kept here. Raises Refused with what is wrong, and what the parser raises for what is broken."""
    starts, zone = local_of(event["DTSTART"])
    ends = end_of(event, starts, zone)
    if not timedelta() < ends - starts <= LONGEST:
        raise Refused(_("it has no length, or one of more than a year."))
    replaced = event.get("RECURRENCE-ID")
    return Entry(
        uid=str(event.get("UID", "")),
        summary=" ".join(str(event.get("SUMMARY", "")).split())[:200],
        starts=starts,
        ends=ends,
        zone=zone,
        attendees=tuple(address_of(one) for one in listed(event.get("ATTENDEE"))),
        organizer=address_of(event.get("ORGANIZER", "")),
        rule=rule_of(event),
        more=tuple(
            moment if isinstance(moment, datetime) else datetime.combine(moment, time())
            for moment in moments(event.get("RDATE"), zone)
        ),
        but=frozenset(moments(event.get("EXDATE"), zone)),
        replaces=as_local(replaced.dt, zone) if replaced is not None else None,
        is_cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
    )


def local_of(prop: Any) -> tuple[datetime, ZoneInfo | None]:
    """A begin or an end by its wall clock, and which clock that is. Raises Refused for a zone that nobody knows."""
    at = prop.dt
    if not isinstance(at, datetime):
        return datetime.combine(at, time()), None
    if at.tzinfo is None:
        if named := str(prop.params.get("TZID", "")):
            raise Refused(_("the time zone “%(zone)s” is not known.") % {"zone": named[:60]})
        return at, None
    zone = at.tzinfo if isinstance(at.tzinfo, ZoneInfo) else ZoneInfo("UTC")
    return at.astimezone(zone).replace(tzinfo=None), zone


def end_of(event: Any, starts: datetime, zone: ZoneInfo | None) -> datetime:
    """When it ends, by the clock of its begin."""
    if "DTEND" in event:
        told = as_local(event["DTEND"].dt, zone)
        return told if isinstance(told, datetime) else datetime.combine(told, time())
    if "DURATION" in event:
        length: timedelta = event["DURATION"].dt
        return starts + length
    is_day = not isinstance(event["DTSTART"].dt, datetime)
    return starts + timedelta(days=1) if is_day else starts


def as_local(at: datetime | date, zone: ZoneInfo | None) -> datetime | date:
    """The same by this clock; a date stays one."""
    if not isinstance(at, datetime) or at.tzinfo is None:
        return at
    return at.astimezone(zone or UTC).replace(tzinfo=None)


def moments(told: Any, zone: ZoneInfo | None) -> list[datetime | date]:
    """The times of one or several RDATE or EXDATE. A period counts by its begin."""
    values = [one.dt for prop in listed(told) for one in prop.dts]
    return [as_local(value[0] if isinstance(value, tuple) else value, zone) for value in values]


def listed(value: Any) -> list[Any]:
    """None, one or several as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def rule_of(event: Any) -> str:
    """How it repeats, as written; empty where it does not. Raises Refused for more than one rule."""
    rules = listed(event.get("RRULE"))
    if len(rules) > 1:
        raise Refused(_("it repeats by several rules at once."))
    written: str = rules[0].to_ical().decode() if rules else ""
    return written


def address_of(value: Any) -> str:
    """The mail address of somebody who takes part; empty for what is none."""
    scheme, colon, address = str(value).strip().rpartition(":")
    return address.strip().lower() if "@" in address and (not colon or scheme.lower() == "mailto") else ""
