"""Forms of the escalation: whom a page wakes in which order, by which rule, who above is told, and rooms."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models import Customer, User
from aftercare.notify.models import Account
from aftercare.oncall.actions.escalation import LATEST_MIN, RUNGS_AT_MOST, Rung
from aftercare.oncall.actions.policy import STEPS_AT_MOST, Woken, kind_of
from aftercare.oncall.actions.rooms import CHATS
from aftercare.oncall.models import EscalationPolicy, ManagementRung, Room, Schedule, Severity, Target, Until
from aftercare.oncall.queries.people import takers

STEPS_MORE = 2
RUNGS_MORE = 1
# What teams in China start with: the team's lead, the director, the vice president.
USUAL = (
    (15, _("Team lead"), Until.ACKNOWLEDGED),
    (30, _("Director"), Until.OVER),
    (60, _("Vice president"), Until.OVER),
)


def staff() -> Any:
    """The provider's own people, as a queryset."""
    return User.objects.filter(is_active=True, customer=None).order_by("name", "pk")


class TargetChoice(forms.ChoiceField):
    """A schedule, a person or a room, as `kind:ref`."""

    def __init__(self, targets: Mapping[str, Woken], **kwargs: Any) -> None:
        def chosen(kind: type) -> list[tuple[str, str]]:
            return [(key, one.name) for key, one in targets.items() if isinstance(one, kind)]

        groups = [
            ("", "---------"),
            (_("Schedules"), chosen(Schedule)),
            (_("People"), chosen(User)),
            (_("Rooms and webhooks"), chosen(Room)),
        ]
        super().__init__(choices=groups, required=False, **kwargs)


def targets(kept: Sequence[Mapping[str, Any]] = ()) -> dict[str, Woken]:
    """Everything that a step may name, and who has a place already."""
    named = [step["ref"] for step in kept if step["kind"] == Target.PERSON]
    everything: list[Woken] = [*Schedule.objects.all(), *takers().order_by("name", "pk")]
    everything += [*User.objects.filter(ref__in=named), *Room.objects.select_related("account")]
    return {f"{kind_of(one)}:{one.ref}": one for one in everything}


class PolicyForm(forms.Form):
    """In which order who is woken; two empty steps are always offered."""

    name = forms.CharField(label=_("Name"), max_length=80)
    forever = forms.BooleanField(label=_("Repeat until somebody has it"), required=False)
    repeat = forms.IntegerField(
        label=_("Else repeat all of it, times"), min_value=0, max_value=20, initial=2, required=False
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, policy: EscalationPolicy | None, **kwargs: Any) -> None:
        kept = policy.steps if policy else []
        if policy is not None:
            told = {"name": policy.name, "version": policy.version, "forever": policy.repeat is None}
            kwargs["initial"] = told | {"repeat": 2 if policy.repeat is None else policy.repeat}
        super().__init__(*args, **kwargs)
        asked = sum(1 for key in self.data if key.startswith("target_")) if self.is_bound else 0
        self.step_count = max(len(kept) + STEPS_MORE, min(asked, STEPS_AT_MOST))
        self.targets = targets(kept)
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

    def facts(self) -> dict[str, Any]:
        """What `save_policy` takes: steps in order, empty ones left out, seconds to wait after each."""
        told = self.cleaned_data
        rows = [(told[f"target_{n}"], told[f"minutes_{n}"]) for n in range(self.step_count)]
        steps = [(self.targets[key], round((5 if wait is None else wait) * 60)) for key, wait in rows if key]
        times = 2 if told["repeat"] is None else told["repeat"]
        return {
            "name": told["name"],
            "repeat": None if told["forever"] else times,
            "version": told["version"],
            "steps": steps,
        }


class RuleForm(forms.Form):
    """Which pages go by which policy."""

    customer = forms.ModelChoiceField(
        label=_("Customer"),
        queryset=Customer.objects.all(),
        required=False,
        to_field_name="ref",
        empty_label=_("any customer"),
    )
    severity = forms.ChoiceField(label=_("Severity"), required=False)
    policy = forms.ModelChoiceField(
        label=_("Policy"), queryset=EscalationPolicy.objects.all(), empty_label=None, to_field_name="ref"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["severity"].choices = [("", _("red and warning")), *Severity.choices]  # type: ignore[attr-defined]


class RungForm(forms.Form):
    """One who is told above; without a person it is none."""

    minutes = forms.IntegerField(label=_("Minutes after the page began"), min_value=1, max_value=LATEST_MIN)
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices)
    until = forms.ChoiceField(label=_("If by then"), choices=Until.choices)
    user = forms.ModelChoiceField(
        label=_("Tell"), queryset=User.objects.none(), required=False, to_field_name="ref", empty_label=_("nobody")
    )
    title = forms.CharField(label=_("As"), max_length=40, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = staff()  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input", "aria-label": field.label}


def rung_forms(data: Any, kept: Sequence[ManagementRung]) -> list[RungForm]:
    """A form for each rung and one more; what is usual where nothing was said yet."""
    told: list[dict[str, Any]] = [
        {"minutes": one.minutes, "severity": one.severity, "until": one.until, "user": one.user.ref, "title": one.title}
        for one in kept
    ] or [{"minutes": m, "severity": Severity.RED, "until": until, "title": title} for m, title, until in USUAL]
    if data is None:
        told += [{"minutes": 120, "severity": Severity.RED, "until": Until.OVER}] * RUNGS_MORE
        return [RungForm(prefix=f"rung_{n}", initial=one) for n, one in enumerate(told[: RUNGS_AT_MOST + RUNGS_MORE])]
    asked = sum(1 for key in data if key.startswith("rung_") and key.endswith("-minutes"))
    return [RungForm(data, prefix=f"rung_{n}") for n in range(min(asked, RUNGS_AT_MOST + RUNGS_MORE))]


def rungs_of(filled: Sequence[RungForm]) -> list[Rung]:
    """What the valid forms say, those without a person left out."""
    return [Rung(**form.cleaned_data) for form in filled if form.cleaned_data["user"]]


class RoomForm(forms.Form):
    """A room: by an account in a chat, or a webhook."""

    name = forms.CharField(label=_("Name"), max_length=80)
    account = forms.ModelChoiceField(
        label=_("By which account"),
        queryset=Account.objects.none(),
        required=False,
        to_field_name="ref",
        empty_label=_("none: a webhook"),
    )
    address = forms.CharField(
        label=_("Group or address"),
        max_length=500,
        help_text=_("The vendor's id of the group, or the webhook's address."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chats = Account.objects.filter(channel__in=CHATS, enabled=True)
        self.fields["account"].queryset = chats  # type: ignore[attr-defined]
        self.fields["account"].label_from_instance = lambda one: f"{one.kind_name} · {one.name}"  # type: ignore[attr-defined]
