"""What repeats, expanded within bounds: by the wall clock, as the schedules reckon.

The rule's own COUNT and UNTIL are never left to bound the work: each rule is cut at the end of the time that is taken,
and how long ago rules may begin, their number, and that of all shifts are limited.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from icalendar import vDDDTypes

from aftercare.kernel.errors import Refused
from aftercare.kernel.wall_clock import instant_of
from aftercare.oncall.ics.reading import Calendar, Entry, Misread, as_local
from aftercare.oncall.ics.rules import not_taken, read_rule

AHEAD = timedelta(days=366)
OLDEST = timedelta(days=4_018)  # eleven years, of which one lies ahead
COUNT_AT_MOST = 9_999
REPEATING_AT_MOST = 100
SHIFTS_AT_MOST = 1_000


@dataclass(frozen=True)
class Occurrence:
    """One time of an event, from `starts_at` until before `ends_at` (UTC)."""

    entry: Entry
    starts_at: datetime
    ends_at: datetime


def occurrences(calendar: Calendar, zone: ZoneInfo, now: datetime) -> list[Occurrence]:
    """Everything that is not over and begins within a year, in order; what has no zone is in `zone`.

    What cannot be expanded is added to the calendar's misread. Raises Refused where there is too much of it.
    """
    if sum(bool(entry.rule) for entry in calendar.entries) > REPEATING_AT_MOST:
        raise Refused(_("At most %(most)s events may repeat.") % {"most": REPEATING_AT_MOST})
    replaced = replaced_times(calendar.entries)
    found: list[Occurrence] = []
    for entry in calendar.entries:
        if entry.is_cancelled:
            continue
        try:
            found += of_entry(entry, zone, replaced.get(entry.uid, set()), now)
        except Refused as refused:
            calendar.misread.append(Misread(entry.summary or entry.uid, refused.sentence))
        if len(found) > SHIFTS_AT_MOST:
            raise Refused(
                _("The calendar has more than %(most)s shifts in the coming year. Export a shorter time.")
                % {"most": SHIFTS_AT_MOST}
            )
    return sorted(found, key=lambda one: (one.starts_at, one.ends_at, one.entry.uid))


def replaced_times(entries: Iterable[Entry]) -> dict[str, set[datetime | date]]:
    """Of each event that repeats the times that an event of their own stands for (RECURRENCE-ID), by its clock."""
    clocks = {entry.uid: entry.zone for entry in entries if entry.replaces is None}
    found: defaultdict[str, set[datetime | date]] = defaultdict(set)
    for entry in entries:
        if entry.replaces is not None:
            at, mine, theirs = entry.replaces, entry.zone, clocks.get(entry.uid)
            if isinstance(at, datetime) and mine is not None and theirs is not None:
                at = as_local(at.replace(tzinfo=mine), theirs)
            found[entry.uid].add(at)
    return found


def of_entry(entry: Entry, zone: ZoneInfo, replaced: set[datetime | date], now: datetime) -> Iterator[Occurrence]:
    """The times of one event that are not over. Raises Refused for a rule that is not taken."""
    clock = entry.zone or zone
    length = entry.ends - entry.starts
    until = (now + AHEAD).astimezone(clock).replace(tzinfo=None)
    for starts in starts_of(entry, until):
        if entry.replaces is None and ({starts, starts.date()} & (entry.but | replaced)):
            continue
        starts_at, ends_at = instant_of(starts, clock), instant_of(starts + length, clock)
        if now < ends_at and starts_at < ends_at and starts < until:
            yield Occurrence(entry, starts_at, ends_at)


def starts_of(entry: Entry, until: datetime) -> list[datetime]:
    """The local times at which it begins, until before `until`."""
    repeated = list(by_rule(entry, until)) if entry.rule else []
    return sorted({entry.starts, *repeated, *entry.more})


def by_rule(entry: Entry, until: datetime) -> Iterator[datetime]:
    """What the rule gives. Raises Refused for one that is not taken."""
    parts = dict(part.upper().partition("=")[::2] for part in entry.rule.split(";") if part)
    count = parts.pop("COUNT", "")
    if "UNTIL" in parts:
        until = min(until, last_of(parts.pop("UNTIL"), entry.zone))
    rule = read_rule(parts)
    if count and not (count.isdecimal() and 1 <= int(count[:6]) <= COUNT_AT_MOST):
        raise not_taken({**parts, "COUNT": count})
    if entry.starts < until - OLDEST:
        raise Refused(_("it began more than ten years ago."))
    for number, day in enumerate(rule.days(entry.starts.date(), until.date()), 1):
        starts = datetime.combine(day, entry.starts.time())
        if (count and number > int(count)) or starts > until:
            return
        yield starts


def last_of(written: str, zone: ZoneInfo | None) -> datetime:
    """UNTIL by the event's own clock; a date counts to its end."""
    try:
        told = as_local(vDDDTypes.from_ical(written), zone)  # type: ignore[no-untyped-call]
    except ValueError:
        raise Refused(_("how it repeats is not written as RFC 5545 says.")) from None
    return told if isinstance(told, datetime) else datetime.combine(told, datetime.max.time())
