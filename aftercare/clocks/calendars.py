"""Keeping calendars, and looking two weeks ahead in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import available_timezones

import holidays
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.clocks.hours_text import write_hours
from aftercare.clocks.models import Calendar, CalendarDay
from aftercare.clocks.types import WEEKDAYS, Blocks, Day, Hours
from aftercare.clocks.words import label
from aftercare.kernel.errors import Refused

PREVIEW_DAYS = 14
SPECIAL_DAYS_AT_MOST = 400
USERS_NAMED = 8


@dataclass(frozen=True)
class CalendarFacts:
    """What a person may set about a calendar; `days` are the dates that differ, with why."""

    name: str
    name_zh: str
    timezone: str
    country: str
    is_default: bool
    week: tuple[Blocks, ...]
    days: Mapping[date, Day]


@dataclass(frozen=True)
class DayAhead:
    """One day of the preview: its hours in words, why it differs, and its open stretches in minutes for a picture."""

    day: date
    hours: str
    label: str
    bars: tuple[tuple[int, int], ...]

    @property
    def is_closed(self) -> bool:
        """Whether nobody is there."""
        return not self.bars


@transaction.atomic
def save_calendar(*, calendar: Calendar | None, facts: CalendarFacts, actor: User | None, now: datetime) -> Calendar:
    """Make a calendar or change one. Clocks that run keep the hours they began with.

    Raises Refused for a name that is missing, an unknown zone or country, or a week that is never open.
    """
    check(facts)
    is_new = calendar is None
    calendar = calendar or Calendar(created_at=now)
    if facts.is_default:
        Calendar.objects.exclude(pk=calendar.pk).filter(is_default=True).update(is_default=False)
    calendar.name, calendar.name_zh = facts.name.strip()[:120], facts.name_zh.strip()[:120]
    calendar.timezone, calendar.country, calendar.is_default = facts.timezone, facts.country, facts.is_default
    calendar.week = [[list(block) for block in blocks] for blocks in facts.week]
    calendar.save()
    calendar.special_days.all().delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(
            calendar=calendar, day=day, blocks=[list(block) for block in special.blocks], label=special.label[:120]
        )
        for day, special in sorted(facts.days.items())
    )
    audit.record(
        actor=actor,
        action="calendar.add" if is_new else "calendar.change",
        subject=calendar.ref,
        customer_id=None,
        detail={
            "name": calendar.name,
            "timezone": calendar.timezone,
            "country": calendar.country,
            "week": [write_hours(blocks) for blocks in facts.week],
            "special_days": {day.isoformat(): write_hours(special.blocks) for day, special in facts.days.items()},
            "is_default": calendar.is_default,
        },
        now=now,
    )
    return calendar


@transaction.atomic
def remove_calendar(*, calendar: Calendar, actor: User | None, now: datetime) -> None:
    """Take a calendar away. Clocks that run keep the hours they began with.

    Raises Refused with the names of what uses it, and for the default one, which tickets' promises count in.
    """
    row = Calendar.objects.select_for_update().get(pk=calendar.pk)
    if row.is_default:
        raise Refused(_("This is the default calendar. Make another one the default first."))
    try:
        row.delete()
    except ProtectedError as protected:
        users = sorted(f"{one._meta.verbose_name} “{one}”" for one in protected.protected_objects)
        named = _(", ").join(users[:USERS_NAMED]) + (" …" if len(users) > USERS_NAMED else "")
        raise Refused(_("These use the calendar: %(users)s. Give them another one first.") % {"users": named}) from None
    audit.record(
        actor=actor,
        action="calendar.remove",
        subject=calendar.ref,
        customer_id=None,
        detail={"name": calendar.name},
        now=now,
    )


def check(facts: CalendarFacts) -> None:
    """Raise Refused with the first thing that does not fit."""
    if not facts.name.strip():
        raise Refused(_("Give the calendar a name."))
    if facts.timezone not in available_timezones():
        sentence = _("“%(zone)s” is not a time zone; write one like Asia/Shanghai.")
        raise Refused(sentence % {"zone": facts.timezone})
    if facts.country and facts.country not in countries():
        raise Refused(_("There are no public holidays known for “%(country)s”.") % {"country": facts.country})
    if len(facts.week) != WEEKDAYS or not any(facts.week):
        raise Refused(_("Open at least one weekday: with none, nothing would ever become due."))
    if len(facts.days) > SPECIAL_DAYS_AT_MOST:
        raise Refused(_("Keep at most %(n)s special days.") % {"n": SPECIAL_DAYS_AT_MOST})


def countries() -> Sequence[str]:
    """ISO 3166 codes of the countries whose public holidays are known."""
    return sorted(holidays.list_supported_countries(include_aliases=False))


def days_ahead(hours: Hours, first: date) -> list[DayAhead]:
    """PREVIEW_DAYS days from `first` on, as clocks will count them."""
    found = []
    for n in range(PREVIEW_DAYS):
        day = first + timedelta(days=n)
        kept = hours.day(day)
        bars = tuple((start // 60, (end - start) // 60) for start, end in kept.blocks)
        found.append(DayAhead(day, write_hours(kept.blocks), label(kept.label), bars))
    return found
