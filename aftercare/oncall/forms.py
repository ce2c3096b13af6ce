"""Forms of the on-call: changes, swaps, and whom a page wakes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.access import GRANTS
from aftercare.accounts.models import User
from aftercare.kernel.wall_clock import instant_of
from aftercare.oncall.actions.policy import STEPS_AT_MOST
from aftercare.oncall.models import ChangeKind, EscalationPolicy, Schedule, Target

STEPS_MORE = 2


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


class TargetChoice(forms.ChoiceField):
    """A schedule or a person to wake, as `kind:ref`."""

    def __init__(self, targets: Mapping[str, Schedule | User], **kwargs: Any) -> None:
        schedules = [(key, one.name) for key, one in targets.items() if isinstance(one, Schedule)]
        people = [(key, one.name) for key, one in targets.items() if isinstance(one, User)]
        groups = [("", "---------"), (_("Schedules"), schedules), (_("People"), people)]
        super().__init__(choices=groups, required=False, **kwargs)


def targets() -> dict[str, Schedule | User]:
    """Everything that a step may wake."""
    schedules: dict[str, Schedule | User] = {f"{Target.SCHEDULE}:{one.ref}": one for one in Schedule.objects.all()}
    return schedules | {f"{Target.PERSON}:{one.ref}": one for one in takers().order_by("name", "pk")}


class PolicyForm(forms.Form):
    """In which order who is woken; two empty steps are always offered."""

    repeat = forms.IntegerField(label=_("Then repeat all of it, times"), min_value=0, max_value=20, initial=2)

    def __init__(self, *args: Any, policy: EscalationPolicy | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = policy.steps if policy else []
        asked = sum(1 for key in self.data if key.startswith("target_")) if self.is_bound else 0
        self.step_count = max(len(kept) + STEPS_MORE, min(asked, STEPS_AT_MOST))
        self.targets = targets()
        for n in range(self.step_count):
            step: Mapping[str, Any] = kept[n] if n < len(kept) else {"kind": "", "ref": "", "delay_s": 300}
            self.fields[f"target_{n}"] = TargetChoice(
                self.targets,
                initial=f"{step['kind']}:{step['ref']}",
                widget=forms.Select(attrs={"class": "input", "aria-label": gettext("Step %(n)s") % {"n": n + 1}}),
            )
            label = gettext("Minutes to wait after step %(n)s") % {"n": n + 1}
            self.fields[f"minutes_{n}"] = forms.FloatField(
                min_value=0,
                max_value=24 * 60,
                required=False,
                initial=f"{step['delay_s'] / 60:g}",
                widget=forms.NumberInput(attrs={"class": "input", "aria-label": label, "step": "0.5"}),
            )

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of each step, to lay out."""
        return [(self[f"target_{n}"], self[f"minutes_{n}"]) for n in range(self.step_count)]

    def steps(self) -> list[tuple[Schedule | User, int]]:
        """(whom to wake, seconds to wait after it) in order, empty steps left out."""
        rows = [(self.cleaned_data[f"target_{n}"], self.cleaned_data[f"minutes_{n}"]) for n in range(self.step_count)]
        told = [(target, 5 if minutes is None else minutes) for target, minutes in rows if target]
        return [(self.targets[target], round(minutes * 60)) for target, minutes in told]
