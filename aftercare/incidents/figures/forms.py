"""What the address asks for: a period in the reader's zone, a customer, a severity."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models import Customer
from aftercare.incidents.figures.types import Wanted
from aftercare.incidents.models import Severity

USUAL = 30
LONGEST = timedelta(days=400)


class FiguresForm(forms.Form):
    """Days until now, or from a day until the end of another one. What does not exist narrows nothing."""

    days = forms.TypedChoiceField(
        label=_("Period"),
        required=False,
        coerce=int,
        empty_value=str(USUAL),
        choices=[(7, _("7 days")), (30, _("30 days")), (90, _("90 days"))],
    )
    since = forms.DateField(label=_("From"), required=False, input_formats=["%Y-%m-%d"])
    until = forms.DateField(label=_("Until"), required=False, input_formats=["%Y-%m-%d"])
    severity = forms.ChoiceField(label=_("Severity"), required=False, choices=[("", _("any")), *Severity.choices])
    customer = forms.ModelChoiceField(
        Customer.objects.all(), label=_("Customer"), required=False, to_field_name="ref", empty_label=_("any")
    )

    def clean(self) -> None:
        """Two days make a period, in their order, of at most 400 days."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if (since is None) != (until is None):
            raise forms.ValidationError(gettext("A period needs both days, as 2026-11-01."))
        if since and until and not timedelta(0) <= until - since < LONGEST:
            raise forms.ValidationError(gettext("A period ends after it begins and has at most 400 days."))
        if since and until and (since.year < 2000 or until.year > 2200):
            raise forms.ValidationError(gettext("A period needs both days, as 2026-11-01."))


def wanted_of(data: Mapping[str, str], zone: tzinfo, now: datetime) -> tuple[Wanted, FiguresForm]:
    """What is asked for, with the form that says what was wrong; what is wrong falls back to the last 30 days."""
    asked = {name: value.replace("\x00", "") for name, value in data.items()}
    form = FiguresForm({**asked, "days": asked.get("days") or USUAL})
    good = form.cleaned_data if form.is_valid() else {**form.cleaned_data, "since": None, "until": None}
    customer, severity = good.get("customer"), good.get("severity") or ""
    if good.get("since") and good.get("until"):
        start = midnight(good["since"], zone)
        return Wanted(start, midnight(good["until"] + timedelta(days=1), zone), customer, severity), form
    days = int(good.get("days") or USUAL)
    return Wanted(now - timedelta(days=days), now, customer, severity), form


def midnight(day: date, zone: tzinfo) -> datetime:
    """The instant at which a day begins there."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)
