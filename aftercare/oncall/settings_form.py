"""The form of what is asked of the on-call."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aftercare.oncall.actions.settings import BOUNDS, MAY_BE_NONE
from aftercare.oncall.models import OncallSettings, OnHoles, Weekday

HOURS = [(hour, f"{hour:02}:00") for hour in range(25)]


def number(name: str, label: Any, help_text: Any = "") -> forms.IntegerField:
    """A field within its bounds."""
    least, most = BOUNDS[name]
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, required=name not in MAY_BE_NONE, help_text=help_text
    )


def hour(label: Any, first: int = 0, last: int = 23) -> forms.TypedChoiceField:
    """A full hour of the day."""
    return forms.TypedChoiceField(label=label, coerce=int, choices=HOURS[first : last + 1])


class SettingsForm(forms.Form):
    """Everything in one form; what each part is about is the page's to say."""

    longest_h = number("longest_h", _("Hours without a break, at most"), _("Of one person, over all schedules."))
    most_hours = number("most_hours", _("Hours in any seven days, at most"))
    most_nights = number(
        "most_nights", _("Nights in any seven days, at most"), _("From 22:00 to 06:00 where the person is.")
    )
    ahead_days = number("ahead_days", _("Days looked ahead"))
    on_holes = forms.ChoiceField(label=_("An edit that opens a hole is"), choices=OnHoles.choices)
    mails = forms.BooleanField(label=_("Mail the coverage every week"), required=False)
    mail_weekday = forms.TypedChoiceField(label=_("Day of the mail"), coerce=int, choices=Weekday.choices)
    mail_hour = hour(_("Hour of the mail"))
    timezone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        help_text=_("Of the mail's day and hour, and of the month that is counted."),
    )
    calls = forms.BooleanField(label=_("Call everybody who may be woken once a month"), required=False)
    calls_from = hour(_("Calls not before"))
    calls_until = hour(_("Calls not after"), 1, 24)
    answer_within_min = number("answer_within_min", _("Minutes to answer"))

    def __init__(self, data: Any = None, *, kept: OncallSettings) -> None:
        super().__init__(data, initial={name: getattr(kept, name) for name in self.base_fields})
        self.fields["timezone"].widget.attrs["list"] = "zones"

    def of_limits(self) -> list[forms.BoundField]:
        """What one person may be asked for, and holes."""
        return [self[name] for name in ("longest_h", "most_hours", "most_nights", "ahead_days", "on_holes")]

    def of_mail(self) -> list[forms.BoundField]:
        """The weekly mail."""
        return [self[name] for name in ("mails", "mail_weekday", "mail_hour", "timezone")]

    def of_calls(self) -> list[forms.BoundField]:
        """The test calls."""
        return [self[name] for name in ("calls", "calls_from", "calls_until", "answer_within_min")]
