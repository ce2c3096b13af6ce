"""Schedules as one YAML document: what a team keeps beside its code and looks through before it holds.

Every value is read as text, so that `20:00`, `on` and `2026-12-01` are what was written and not what YAML makes of
them. An error names the line. docs/on-call.md has the format.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from django.utils.translation import gettext as _

from aftercare.clocks.public_days import PublicDays, is_known, public_days
from aftercare.clocks.types import DAY_S, Blocks, Day, Hours
from aftercare.kernel.wall_clock import instant_of
from aftercare.oncall.roster.places import ROOT, Place, parsed
from aftercare.oncall.roster.policies import Escalation, escalation_of
from aftercare.oncall.roster.proof import Limits
from aftercare.oncall.roster.schedules import Change, Kind, Layer, People, Schedule
from aftercare.oncall.roster.turns import LENGTH, YEARS, Unit

VERSION = "1"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS = tuple(kind.value for kind in Kind)
SIGN_IN_AT_MOST = 240
PERSON = re.compile(r"\S{1,254}")


@dataclass(frozen=True)
class Document:
    """Schedules, what one person may be asked for over all of them, and in which order who is woken."""

    schedules: tuple[Schedule, ...]
    limits: Limits
    escalation: Escalation = field(default_factory=Escalation)


def read_document(text: str, *, around: date) -> Document:
    """What a document says, with the holidays of the years about `around`.

    Raises Refused with the line and what is wrong there.
    """
    root = Place(parsed(text), ROOT)
    known = ("version", "limits", "schedules", "policies", "rules", "management", "duty")
    found = root.fields(*known, needs=["version", "schedules"])
    if found["version"].text() != VERSION:
        raise found["version"].wrong(_("this reads version %(version)s.") % {"version": VERSION})
    schedules = tuple(schedule_of(place, around) for place in found["schedules"].items("schedules"))
    if not schedules:
        raise found["schedules"].wrong(_("there are none."))
    names = [schedule.name for schedule in schedules]
    for place, name in zip(found["schedules"].items("schedules"), names, strict=True):
        if names.count(name) > 1:
            raise place.wrong(_("two schedules are called “%(name)s”.") % {"name": name})
    return Document(schedules, limits_of(found["limits"]) if "limits" in found else Limits(), escalation_of(found))


def read_schedule(document: Mapping[str, Any], *, name: str, around: date) -> Schedule:
    """One schedule out of its fields as plain values, without its name. Raises Refused with what is wrong where."""
    root = Place(parsed(json.dumps({"name": name, **document})), ROOT, is_written=False)
    return schedule_of(root, around)


def limits_of(place: Place) -> Limits:
    """What one person may be asked for."""
    found = place.fields("longest", "most-in-week", "most-nights")
    longest, most = (as_span(found[name]) if name in found else None for name in ("longest", "most-in-week"))
    return Limits(longest, most, as_nights(found["most-nights"]) if "most-nights" in found else None)


def schedule_of(place: Place, around: date) -> Schedule:
    """One schedule."""
    needs = ["name", "timezone", "layers"]
    found = place.fields("name", "timezone", "holidays", "fallback", "sign-in", "layers", "changes", needs=needs)
    zone = as_zone(found["timezone"])
    public = public_of(found["holidays"], around) if "holidays" in found else PublicDays()
    if "sign-in" in found:
        as_minutes(found["sign-in"])
    return Schedule(
        zone=zone,
        layers=tuple(layer_of(one, zone, public, around) for one in found["layers"].items("layers")),
        changes=tuple(change_of(one, zone) for one in found["changes"].items("changes")) if "changes" in found else (),
        fallback=as_people(found["fallback"]) if "fallback" in found else (),
        name=found["name"].text(),
    )


def layer_of(place: Place, zone: ZoneInfo, public: PublicDays, around: date) -> Layer:
    """One layer."""
    found = place.fields("name", "turns", "every", "starts", "ends", "hours", needs=["turns", "starts"])
    every, unit = as_length(found["every"]) if "every" in found else (1, Unit.WEEK)
    starts = as_local(found["starts"])
    ends = as_local(found["ends"]) if "ends" in found else None
    if ends is not None and ends <= starts:
        raise found["ends"].wrong(_("the end is not after the start."))
    return Layer(
        turns=tuple(as_people(one) for one in found["turns"].items("turns")),
        starts=starts,
        unit=unit,
        every=every,
        hours=hours_of(found["hours"], zone, public, around) if "hours" in found else None,
        ends=ends,
        name=found["name"].text() if "name" in found else place.last,
    )


def change_of(place: Place, zone: ZoneInfo) -> Change:
    """One change: between two local times somebody more, less, for another, or only these."""
    found = place.fields("name", "from", "to", *KINDS, needs=["from", "to"])
    starts_at, ends_at = instant_of(as_local(found["from"]), zone), instant_of(as_local(found["to"]), zone)
    if ends_at <= starts_at:
        raise found["to"].wrong(_("the end is not after the start."))
    kinds = [kind for kind in Kind if kind.value in found]
    if len(kinds) != 1:
        raise place.wrong(_("write exactly one of %(kinds)s.") % {"kinds": ", ".join(KINDS)})
    kind, told = kinds[0], found[kinds[0].value]
    name = found["name"].text() if "name" in found else place.last
    if kind is Kind.REPLACE:
        return Change(kind, starts_at, ends_at, swap=as_swap(told), name=name)
    return Change(kind, starts_at, ends_at, as_people(told), name=name)


def hours_of(place: Place, zone: ZoneInfo, public: PublicDays, around: date) -> Hours:
    """At which times of the week a layer holds; `workdays` and `days-off` follow the holidays day by day."""
    rules: list[tuple[Callable[[date], bool], int, int]] = []
    for one in place.items("hours"):
        found = one.fields("days", "from", "to", needs=["days", "from", "to"])
        start, end = as_second(found["from"]), as_second(found["to"])
        if start == end:
            raise one.wrong(_("it begins and ends at the same time. The whole day is from 00:00 to 24:00."))
        rules.append((as_days(found["days"], public), start, end))

    def blocks(day: date) -> Blocks:
        """What holds on this day, the end of the night before included."""
        before, found = day - timedelta(days=1), []
        for holds, start, end in rules:
            if holds(day):
                found.append((start, end if end > start else DAY_S))
            if end < start and end > 0 and holds(before):
                found.append((0, end))
        return merged(found)

    usual = date(2001, 1, 1)  # a Monday before anybody's holidays
    week = tuple(blocks(usual + timedelta(days=n)) for n in range(len(WEEKDAYS)))
    special = {day for other in (*public.off, *public.make_up) for day in (other, other + timedelta(days=1))}
    days = {
        day: Day(blocks(day), public.off.get(day, "")) for day in sorted(special) if blocks(day) != week[day.weekday()]
    }
    return Hours(zone.key, week, days)


def merged(blocks: Sequence[tuple[int, int]]) -> Blocks:
    """Blocks in order, overlapping ones as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(blocks):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def public_of(place: Place, around: date) -> PublicDays:
    """The public holidays of a country by its ISO 3166 code."""
    country = place.text().upper()
    if not is_known(country):
        raise place.wrong(
            _("there are no public holidays known for “%(country)s”. Write a code like CN.") % {"country": country}
        )
    return public_days(country, around.year - 1, around.year + 2)


def as_zone(place: Place) -> ZoneInfo:
    """An IANA zone."""
    try:
        return ZoneInfo(place.text())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise place.wrong(
            _("“%(zone)s” is not a time zone; write one like Asia/Shanghai.") % {"zone": place.text()}
        ) from None


def as_local(place: Place) -> datetime:
    """A local time: `2026-12-01 09:00`, or a date for its midnight."""
    try:
        found = datetime.fromisoformat(place.text())
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise place.wrong(
            _("“%(text)s” is not a local time; write one like 2026-12-01 09:00, without a zone.")
            % {"text": place.text()}
        )
    if found.year not in YEARS:
        raise place.wrong(_("the year lies between %(first)s and %(last)s.") % {"first": YEARS[0], "last": YEARS[-1]})
    return found


def as_second(place: Place) -> int:
    """A time of day as its second; 24:00 is the end of the day."""
    matched = re.fullmatch(r"(\d{1,2}):(\d{2})", place.text())
    second = int(matched[1]) * 3600 + int(matched[2]) * 60 if matched and int(matched[2]) < 60 else DAY_S + 1
    if second > DAY_S:
        raise place.wrong(_("“%(text)s” is not a time of day; write one like 20:00.") % {"text": place.text()})
    return second


def as_length(place: Place) -> tuple[int, Unit]:
    """How long a turn is: `week`, `2 days`, `12 hours`."""
    matched = re.fullmatch(r"(?:(\d{1,3}) )?(hour|day|week|month)s?", place.text().lower())
    if matched is None or matched[1] == "0":
        raise place.wrong(
            _("“%(text)s” is not a length; write week, 2 days, 12 hours or month.") % {"text": place.text()}
        )
    return int(matched[1] or 1), Unit(matched[2])


def as_span(place: Place) -> timedelta:
    """A length of time in hours, days or weeks."""
    every, unit = as_length(place)
    if unit is Unit.MONTH:
        raise place.wrong(_("write it in hours, days or weeks."))
    return LENGTH[unit] * every


def as_nights(place: Place) -> int:
    """How many nights of seven."""
    if not re.fullmatch(r"[1-6]", place.text()):
        raise place.wrong(_("write how many nights of seven, 1 to 6."))
    return int(place.text())


def as_minutes(place: Place) -> int:
    """How many minutes one has to sign in."""
    if not re.fullmatch(r"\d{1,3}", place.text()) or not 1 <= int(place.text()) <= SIGN_IN_AT_MOST:
        raise place.wrong(_("write minutes, 1 to %(most)s.") % {"most": SIGN_IN_AT_MOST})
    return int(place.text())


def as_days(place: Place, public: PublicDays) -> Callable[[date], bool]:
    """On which days: `mon-fri`, `sat, sun`, `workdays`, `days-off`, `all`; what it gives tells of any day."""
    text = place.text().lower()
    named = {
        "workdays": public.is_workday,
        "days-off": lambda day: not public.is_workday(day),
        "all": lambda _day: True,
    }
    if text in named:
        return named[text]
    chosen: set[int] = set()
    for part in re.split(r"\s*,\s*", text):
        first, dash, last = part.partition("-")
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            raise place.wrong(
                _("“%(text)s” is no day; write mon-fri, sat, sun, workdays, days-off or all.") % {"text": part}
            )
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        chosen |= {n % 7 for n in range(start, end + 1 if end >= start else end + 8)}
    return lambda day: day.weekday() in chosen


def as_people(place: Place) -> People:
    """One person or several, each once."""
    found: list[str] = []
    for one in place.items("people"):
        person = one.text()
        if not PERSON.fullmatch(person):
            raise one.wrong(_("“%(text)s” is no person; write an address like lin@example.com.") % {"text": person})
        if person in found:
            raise one.wrong(_("%(person)s is written twice.") % {"person": person})
        found.append(person)
    return tuple(found)


def as_swap(place: Place) -> Mapping[str, str]:
    """Who is replaced by whom."""
    if not isinstance(place.node, yaml.MappingNode) or not place.node.value:
        raise place.wrong(_("write who is replaced by whom: {lin@example.com: zhao@example.com}."))
    pairs = [
        (place.below(key, place.name).text(), place.below(value, place.name).text()) for key, value in place.node.value
    ]
    return dict(pairs)
