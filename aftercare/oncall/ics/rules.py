"""Recurrence rules of days (RFC 5545, 3.3.10): DAILY to YEARLY with BYMONTH, BYMONTHDAY, BYDAY and BYSETPOS.

Every day of every period is asked once whether the rule means it, until a day that the caller names: what a rule
costs hangs on the time between its begin and that day alone, also for one that means no day at all. (dateutil's rules
look for their next day until the year 9999.)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused

DAY = timedelta(days=1)
TAKEN = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
UNITS = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
INTERVAL_AT_MOST = 1_000


@dataclass(frozen=True)
class Rule:
    """What a rule means; `weekdays` are (which of the month or year, 0 for each; as `date.weekday` counts)."""

    unit: str
    interval: int
    months: frozenset[int]
    monthdays: frozenset[int]
    weekdays: frozenset[tuple[int, int]]
    places: tuple[int, ...]
    week_begins: int

    def days(self, starts: date, until: date) -> Iterator[date]:
        """The days that it means from `starts` until `until`, both included, in order."""
        first = self.period_of(starts)
        while first <= until:
            following = self.after(first, 1)
            meant = [day for day in days_between(first, following) if self.means(day, starts)]
            for day in self.placed(meant):
                if starts <= day <= until:
                    yield day
            first = self.after(first, self.interval)

    def period_of(self, day: date) -> date:
        """The first day of the period that a day lies in."""
        if self.unit == "WEEKLY":
            return day - DAY * ((day.weekday() - self.week_begins) % 7)
        if self.unit == "MONTHLY":
            return day.replace(day=1)
        return day.replace(month=1, day=1) if self.unit == "YEARLY" else day

    def after(self, first: date, periods: int) -> date:
        """The first day of the period so many later."""
        if self.unit in ("DAILY", "WEEKLY"):
            return first + DAY * periods * (7 if self.unit == "WEEKLY" else 1)
        months = first.year * 12 + first.month - 1 + periods * (12 if self.unit == "YEARLY" else 1)
        return date(months // 12, months % 12 + 1, 1)

    def means(self, day: date, starts: date) -> bool:
        """Whether a day is meant; what the rule leaves open is as on its first day."""
        if self.months and day.month not in self.months:
            return False
        if self.monthdays and not {day.day, day.day - days_in_month(day) - 1} & self.monthdays:
            return False
        if self.weekdays:
            return any(weekday == day.weekday() and self.is_nth(day, nth) for nth, weekday in self.weekdays)
        if self.unit == "WEEKLY":
            return day.weekday() == starts.weekday()
        if self.monthdays or self.unit == "DAILY":
            return True
        return day.day == starts.day and (self.unit == "MONTHLY" or bool(self.months) or day.month == starts.month)

    def is_nth(self, day: date, nth: int) -> bool:
        """Whether it is the nth of its weekday, from the front or from behind; of the year where no month is said."""
        if nth == 0:
            return True
        of_year = self.unit == "YEARLY" and not self.months
        place = day.timetuple().tm_yday if of_year else day.day
        length = date(day.year, 12, 31).timetuple().tm_yday if of_year else days_in_month(day)
        return nth == ((place - 1) // 7 + 1 if nth > 0 else -((length - place) // 7 + 1))

    def placed(self, meant: list[date]) -> list[date]:
        """Those of a period's days that BYSETPOS picks."""
        if not self.places:
            return meant
        count = len(meant)
        chosen = {place - 1 if place > 0 else count + place for place in self.places}
        return [day for number, day in enumerate(meant) if number in chosen]


def read_rule(parts: dict[str, str]) -> Rule:
    """A rule out of its parts, without COUNT and UNTIL. Raises Refused for what is not taken."""
    unit = parts.get("FREQ", "")
    interval = parts.get("INTERVAL", "1")
    is_taken = unit in UNITS and not set(parts) - TAKEN and parts.get("WKST", "MO") in WEEKDAYS
    if not is_taken or not re.fullmatch(r"\d{1,4}", interval) or not 1 <= int(interval) <= INTERVAL_AT_MOST:
        raise not_taken(parts)
    weekdays = [BYDAY.fullmatch(one) for one in parts["BYDAY"].split(",")] if "BYDAY" in parts else []
    if not all(weekdays) or (unit in ("DAILY", "WEEKLY") and any(one[1] for one in weekdays if one)):
        raise not_taken(parts)
    return Rule(
        unit=unit,
        interval=int(interval),
        months=frozenset(numbers(parts, "BYMONTH", 1, 12)),
        monthdays=frozenset(numbers(parts, "BYMONTHDAY", -31, 31)),
        weekdays=frozenset((int(one[1] or 0), WEEKDAYS.index(one[2])) for one in weekdays if one),
        places=tuple(numbers(parts, "BYSETPOS", -366, 366)),
        week_begins=WEEKDAYS.index(parts.get("WKST", "MO")),
    )


def numbers(parts: dict[str, str], name: str, least: int, most: int) -> list[int]:
    """A part's numbers, none of them 0. Raises Refused."""
    found = parts[name].split(",") if name in parts else []
    if not all(re.fullmatch(r"[+-]?\d{1,3}", one) and int(one) and least <= int(one) <= most for one in found):
        raise not_taken(parts)
    return [int(one) for one in found]


def not_taken(parts: dict[str, str]) -> Refused:
    """The refusal, with the rule."""
    written = ";".join(f"{name}={value}" for name, value in parts.items())[:100]
    return Refused(_("it repeats in a way that is not taken: %(rule)s.") % {"rule": written})


def days_between(first: date, following: date) -> Iterator[date]:
    """Every day from the one until before the other."""
    return (first + DAY * n for n in range((following - first).days))


def days_in_month(day: date) -> int:
    """How long a day's month is."""
    return ((day.replace(day=28) + DAY * 4).replace(day=1) - DAY).day
