"""Forms of the schedule."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.access import GRANTS
from aftercare.accounts.models import User
from aftercare.oncall.models import EscalationPolicy, Rotation
from aftercare.oncall.roster.turns import instant_of

PLACES_MORE = 2
STEPS_MORE = 2
STEPS_AT_MOST = 20


def takers() -> Any:
    """People who can take pages, as a queryset."""
    roles = [role for role, granted in GRANTS.items() if "acknowledge_pages" in granted]
    return User.objects.filter(is_active=True, customer=None, role__in=roles)


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


class OverrideForm(forms.Form):
    """Somebody covers a rotation."""

    rotation = forms.ModelChoiceField(
        label=_("Rotation"), queryset=Rotation.objects.all(), empty_label=None, to_field_name="ref"
    )
    user = forms.ModelChoiceField(label=_("Who covers"), queryset=User.objects.none(), to_field_name="ref")
    starts_at = LocalMoment(label=_("From"))
    ends_at = LocalMoment(label=_("Until"))
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = takers()  # type: ignore[attr-defined]


class RotationForm(forms.Form):
    """A rotation with its people in order; two empty places are always offered."""

    name = forms.CharField(label=_("Name"), max_length=80)
    timezone = forms.CharField(
        label=_("Time zone"), max_length=64, help_text=_("Hand-overs keep this zone's wall clock.")
    )
    shift_length_days = forms.IntegerField(label=_("Shift length, days"), min_value=1, max_value=56, initial=7)
    handoff_time = forms.TimeField(
        label=_("Hand-over at"), initial="10:00", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    starts_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, members: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["timezone"].widget.attrs["list"] = "zones"
        asked = sum(1 for key in self.data if key.startswith("place_")) if self.is_bound else 0
        for n in range(max(len(members) + PLACES_MORE, min(asked, 60))):
            self.fields[f"place_{n}"] = forms.ModelChoiceField(
                label=_("Person %(n)s") % {"n": n + 1},
                queryset=takers(),
                required=False,
                initial=members[n] if n < len(members) else None,
                to_field_name="ref",
            )

    def clean_timezone(self) -> str:
        """An IANA zone."""
        name: str = self.cleaned_data["timezone"]
        if name not in available_timezones():
            raise forms.ValidationError(
                _("“%(zone)s” is not a time zone; write one like Asia/Shanghai.") % {"zone": name}
            )
        return name

    def members(self) -> list[User]:
        """The people in their order, empty places left out."""
        places = [self.cleaned_data[name] for name in self.fields if name.startswith("place_")]
        return [user for user in places if user is not None]


class PolicyForm(forms.Form):
    """The order in which rotations are woken; two empty steps are always offered."""

    repeat = forms.IntegerField(label=_("Then repeat all of it, times"), min_value=0, max_value=20, initial=2)

    def __init__(self, *args: Any, policy: EscalationPolicy | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = policy.steps if policy else []
        asked = sum(1 for key in self.data if key.startswith("rotation_")) if self.is_bound else 0
        self.step_count = max(len(kept) + STEPS_MORE, min(asked, STEPS_AT_MOST))
        by_ref = {rotation.ref: rotation for rotation in Rotation.objects.all()}
        for n in range(self.step_count):
            step = kept[n] if n < len(kept) else {}
            self.fields[f"rotation_{n}"] = forms.ModelChoiceField(
                queryset=Rotation.objects.all(),
                required=False,
                to_field_name="ref",
                initial=by_ref.get(step.get("rotation", "")),
                widget=forms.Select(attrs={"class": "input", "aria-label": _("Step %(n)s") % {"n": n + 1}}),
            )
            label = _("Minutes to wait after step %(n)s") % {"n": n + 1}
            self.fields[f"minutes_{n}"] = forms.FloatField(
                min_value=0.5,
                max_value=24 * 60,
                required=False,
                initial=f"{step.get('delay_s', 300) / 60:g}",
                widget=forms.NumberInput(attrs={"class": "input", "aria-label": label, "step": "0.5"}),
            )

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of each step, to lay out."""
        return [(self[f"rotation_{n}"], self[f"minutes_{n}"]) for n in range(self.step_count)]

    def steps(self) -> list[tuple[Rotation, int]]:
        """(rotation, seconds to wait after it) in order, empty steps left out."""
        rows = [(self.cleaned_data[f"rotation_{n}"], self.cleaned_data[f"minutes_{n}"]) for n in range(self.step_count)]
        return [(rotation, round((minutes or 5) * 60)) for rotation, minutes in rows if rotation is not None]
