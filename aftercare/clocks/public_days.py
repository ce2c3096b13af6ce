"""A country's public holidays and make-up working days (调休), without a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import holidays


@dataclass(frozen=True)
class PublicDays:
    """Days off with their names, and days of a weekend on which people work."""

    off: Mapping[date, str] = field(default_factory=dict)
    make_up: frozenset[date] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day: Monday to Friday and make-up days, but for holidays."""
        return day in self.make_up or (day.weekday() < 5 and day not in self.off)


@lru_cache(maxsize=200)
def public_days(country: str, first: int, last: int) -> PublicDays:
    """Of these years, the last included, as the `holidays` package knows them; none without a country."""
    if not country:
        return PublicDays()
    found = holidays.country_holidays(country, years=range(first, last + 1))
    return PublicDays(dict(found.items()), frozenset(found.weekend_workdays))


def is_known(country: str) -> bool:
    """Whether the holidays of this ISO 3166 code are known."""
    return country in holidays.list_supported_countries(include_aliases=False)
