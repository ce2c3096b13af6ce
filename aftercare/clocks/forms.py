"""The calendar's form: a week, the public holidays it follows, and the dates that differ."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from aftercare.clocks.calendars import CalendarFacts, countries
from aftercare.clocks.hours_text import read_hours, write_hours
from aftercare.clocks.models import Calendar
from aftercare.clocks.types import WEEKDAYS, Day, checked_blocks
from aftercare.kernel.errors import Refused

OFFICE = "09:00-12:00, 13:30-18:00"
ROWS_MORE = 3
ROWS_AT_MOST = 400
WEEKDAY_NAMES = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)


class HoursField(forms.CharField):
    """One day's opening hours as text; its value is blocks of seconds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=200, **kwargs)

    def clean(self, value: Any) -> Any:
        """The blocks of what was typed."""
        try:
            return read_hours(super().clean(value))
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from None


class CalendarForm(forms.Form):
    """A calendar. Empty hours are a closed day; three empty rows for special days are always offered."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=120, required=False)
    timezone = forms.CharField(label=gettext_lazy("Time zone"), max_length=64, initial="Asia/Shanghai")
    country = forms.ChoiceField(label=gettext_lazy("Public holidays of"), required=False)
    is_default = forms.BooleanField(label=gettext_lazy("Use it where no other calendar is chosen"), required=False)

    def __init__(self, *args: Any, calendar: Calendar | None, **kwargs: Any) -> None:
        if calendar is not None:
            kept_fields = ("name", "name_zh", "timezone", "country", "is_default")
            kwargs["initial"] = {name: getattr(calendar, name) for name in kept_fields}
        super().__init__(*args, **kwargs)
        self.fields["timezone"].widget.attrs["list"] = "zones"
        none = [("", _("no country: every date follows its weekday"))]
        self.fields["country"].choices = none + [(code, code) for code in countries()]  # type: ignore[attr-defined]
        for n in range(WEEKDAYS):
            kept = write_hours(checked_blocks(calendar.week[n])) if calendar else OFFICE if n < 5 else ""
            self.fields[f"week_{n}"] = HoursField(label=WEEKDAY_NAMES[n], initial=kept)
        special = list(calendar.special_days.all()) if calendar else []
        asked = sum(1 for key in self.data if key.startswith("day_")) if self.is_bound else 0
        self.row_count = max(len(special) + ROWS_MORE, min(asked, ROWS_AT_MOST))
        closed = pgettext("opening hours", "closed")
        for n in range(self.row_count):
            row = special[n] if n < len(special) else None
            self.fields[f"day_{n}"] = forms.DateField(
                required=False,
                initial=row.day if row else None,
                widget=forms.DateInput(attrs={"type": "date", "aria-label": _("Date")}, format="%Y-%m-%d"),
            )
            self.fields[f"hours_{n}"] = HoursField(
                initial=write_hours(checked_blocks(row.blocks)) if row else "",
                widget=forms.TextInput(attrs={"aria-label": _("Opening hours"), "placeholder": closed}),
            )
            self.fields[f"label_{n}"] = forms.CharField(
                required=False,
                max_length=120,
                initial=row.label if row else "",
                widget=forms.TextInput(attrs={"aria-label": _("Why")}),
            )

    def week_fields(self) -> list[forms.BoundField]:
        """The seven weekdays, to lay out."""
        return [self[f"week_{n}"] for n in range(WEEKDAYS)]

    def day_rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Date, hours and reason of each special day, to lay out."""
        for n in range(self.row_count):
            yield self[f"day_{n}"], self[f"hours_{n}"], self[f"label_{n}"]

    def clean(self) -> dict[str, Any]:
        """A date twice, or hours without a date, would be lost without a word."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        seen: set[date] = set()
        for n in range(self.row_count):
            day = said.get(f"day_{n}")
            if day in seen:
                self.add_error(f"day_{n}", _("This date is here twice."))
            elif day is not None:
                seen.add(day)
            elif (said.get(f"hours_{n}") or said.get(f"label_{n}")) and f"day_{n}" not in self.errors:
                self.add_error(f"day_{n}", _("Say which date this is."))
        return said

    def facts(self) -> CalendarFacts:
        """What the valid form says."""
        said = self.cleaned_data
        rows = range(self.row_count)
        days = {said[f"day_{n}"]: Day(said[f"hours_{n}"], said[f"label_{n}"]) for n in rows if said[f"day_{n}"]}
        week = tuple(said[f"week_{n}"] for n in range(WEEKDAYS))
        return CalendarFacts(
            said["name"], said["name_zh"], said["timezone"], said["country"], said["is_default"], week, days
        )
