"""Forms of the on-call: changes and swaps."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models import User
from aftercare.kernel.wall_clock import instant_of
from aftercare.oncall.models import ChangeKind, Schedule
from aftercare.oncall.queries.people import takers


class LocalMoment(forms.DateTimeField):
    """A wall-clock time in the reader's zone; a skipped time means the first one that exists."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime | None:
        """The instant of what was typed."""
        if value in self.empty_values:
            return None
        try:
            local = datetime.fromisoformat(str(value)).replace(tzinfo=None)
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
        zone = timezone.get_current_timezone()
        return instant_of(local, zone) if isinstance(zone, ZoneInfo) else local.replace(tzinfo=zone)


class ChangeForm(forms.Form):
    """Somebody stands in, joins, or is free for a while."""

    schedule = forms.ModelChoiceField(
        label=_("Schedule"), queryset=Schedule.objects.all(), empty_label=None, to_field_name="ref"
    )
    user = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none(), to_field_name="ref")
    kind = forms.ChoiceField(label=_("What"), choices=ChangeKind.choices, initial=ChangeKind.INSTEAD)
    replaced = forms.ModelChoiceField(
        label=_("For whom"),
        queryset=User.objects.none(),
        required=False,
        to_field_name="ref",
        empty_label=_("whoever is on call"),
        help_text=_("Only for “stands in for”."),
    )
    starts_at = LocalMoment(label=_("From"))
    ends_at = LocalMoment(label=_("Until"))
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("user", "replaced"):
            self.fields[name].queryset = takers()  # type: ignore[attr-defined]


class SwapForm(forms.Form):
    """One's own time, for another to take."""

    schedule = forms.ModelChoiceField(
        label=_("Schedule"), queryset=Schedule.objects.all(), empty_label=None, to_field_name="ref"
    )
    starts_at = LocalMoment(label=_("From"))
    ends_at = LocalMoment(label=_("Until"))
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
