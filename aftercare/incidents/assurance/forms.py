"""Forms of assurances: the plan, things to do, tighter rules, people on duty."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.accounts.models import App, Customer, User
from aftercare.accounts.queries.people import list_staff_with
from aftercare.incidents.assurance.planning import Plan
from aftercare.incidents.assurance.tightening import Tighter
from aftercare.incidents.models import Assurance
from aftercare.kernel.wall_clock import instant_of
from aftercare.oncall.models import Schedule
from aftercare.oncall.queries import takers
from aftercare.watch.models import Kind, Monitor, Severity
from aftercare.web.fields import WallClock


class ToTheMinute(WallClock):
    """A wall-clock time without seconds; the form's zone makes an instant of it."""

    def to_python(self, value: Any) -> datetime | None:
        """What was typed, to the minute."""
        typed = super().to_python(value)
        return typed.replace(second=0, microsecond=0) if typed else None


class PlanForm(forms.Form):
    """The plan of an event."""

    title_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=200, required=False)
    title = forms.CharField(label=gettext_lazy("Name in English"), max_length=200, required=False)
    apps = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Apps"),
        queryset=App.objects.select_related("customer").order_by("customer__name", "name"),
        to_field_name="ref",
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy("Their customers see the assurance in their portal, each with its own apps alone."),
    )
    regions = forms.CharField(label=gettext_lazy("Regions"), max_length=200, required=False)
    starts_at = ToTheMinute(label=gettext_lazy("Begins"))
    ends_at = ToTheMinute(label=gettext_lazy("Ends"))
    zone = forms.CharField(
        label=gettext_lazy("Time zone"), max_length=64, widget=forms.TextInput(attrs={"list": "zones"})
    )
    expected_concurrent = forms.IntegerField(
        label=gettext_lazy("Expected at once, all apps together"),
        min_value=1,
        max_value=2_000_000_000,
        required=False,
        help_text=gettext_lazy("The page compares it with the highest minute of the last 30 days."),
    )
    expected_mbps = forms.FloatField(
        label=gettext_lazy("Expected bandwidth, Mbps"), min_value=0.001, max_value=1e12, required=False
    )
    lead = forms.ModelChoiceField(
        label=gettext_lazy("Lead"), queryset=User.objects.none(), to_field_name="ref", empty_label=None
    )
    rehearsal_at = ToTheMinute(label=gettext_lazy("Rehearsal"), required=False)
    war_room = forms.URLField(
        label=gettext_lazy("War room, as a link"),
        max_length=500,
        required=False,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
    )
    group = forms.CharField(label=gettext_lazy("Service group"), max_length=200, required=False)
    freezes = forms.BooleanField(label=gettext_lazy("Changes are frozen while it lasts"), required=False)
    tells_customers = forms.BooleanField(
        label=gettext_lazy("Tell customers 7, 3 and 1 days before how ready we are"), required=False
    )
    token = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leads = list_staff_with("act_on_incidents").order_by("name", "pk")
        self.fields["lead"].queryset = leads  # type: ignore[attr-defined]

    def clean_zone(self) -> str:
        """One that there is."""
        zone = str(self.cleaned_data["zone"])
        if zone not in available_timezones():
            raise forms.ValidationError(_("There is no time zone %(zone)s.") % {"zone": zone})
        return zone

    def plan(self) -> Plan:
        """What was said, its times as instants."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "token"}
        zone = ZoneInfo(said["zone"])
        for name in ("starts_at", "ends_at", "rehearsal_at"):
            said[name] = instant_of(said[name], zone) if said[name] else None
        return Plan(**{**said, "apps": list(said["apps"])})


def new_plan(user: User, now: datetime) -> dict[str, Any]:
    """What the form of a new event begins with: an evening in a week."""
    local = (now + timedelta(days=7)).astimezone(ZoneInfo(user.timezone)).replace(tzinfo=None, minute=0)
    return {
        "starts_at": local.replace(hour=20).strftime(WallClock.TYPED),
        "ends_at": local.replace(hour=23).strftime(WallClock.TYPED),
        "zone": user.timezone,
        "lead": user.ref,
        "freezes": True,
        "token": secrets.token_hex(16),
    }


def plan_of(assurance: Assurance) -> dict[str, Any]:
    """The form's contents of one that there is, its times as its zone's clocks show them."""
    zone = ZoneInfo(assurance.zone)
    shown = {name: getattr(assurance, name) for name in Plan.__dataclass_fields__ if name not in ("apps", "lead")}
    for name in ("starts_at", "ends_at", "rehearsal_at"):
        at = shown[name]
        shown[name] = at.astimezone(zone).strftime(WallClock.TYPED) if at else None
    refs = list(assurance.apps.values_list("ref", flat=True))
    return {**shown, "apps": refs, "lead": assurance.lead.ref, "token": secrets.token_hex(16)}


class ItemForm(forms.Form):
    """Something more to be done, or to be told to a vendor; whose is `u:<ref>` or `c:<ref>`."""

    title = forms.CharField(label=gettext_lazy("What is to be done"), max_length=200)
    vendor = forms.CharField(label=gettext_lazy("Vendor to be told"), max_length=80, required=False)
    whose = forms.CharField(max_length=20, required=False)
    due_at = ToTheMinute(label=gettext_lazy("Due"))

    def facts(self, zone: str) -> dict[str, Any]:
        """What `add_item` takes."""
        owner, customer = whose(self.cleaned_data["whose"])
        due_at = instant_of(self.cleaned_data["due_at"], ZoneInfo(zone))
        said = {name: self.cleaned_data[name] for name in ("title", "vendor")}
        return {**said, "owner": owner, "customer": customer, "due_at": due_at}


def whose(said: str) -> tuple[User | None, Customer | None]:
    """Who is meant by `u:<ref>` or `c:<ref>`; nobody where neither is there."""
    kind, _colon, ref = said.replace("\x00", "").partition(":")
    if kind == "c":
        return None, Customer.objects.filter(ref=ref[:16]).first()
    return User.objects.filter(ref=ref[:16], customer=None, is_active=True).first() if kind == "u" else None, None


class RulesForm(forms.Form):
    """Which of the apps' rules become tighter, and by how much."""

    monitors = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Alert rules"),
        queryset=Monitor.objects.none(),
        to_field_name="ref",
        widget=forms.CheckboxSelectMultiple,
    )
    percent = forms.FloatField(label=gettext_lazy("Tighter by, percent"), min_value=1, max_value=95, initial=30)
    window_s = forms.TypedChoiceField(
        label=gettext_lazy("Window"), coerce=int, empty_value=None, required=False, choices=[]
    )
    fire_after = forms.IntegerField(
        label=gettext_lazy("Alerts after, windows in a row"), min_value=1, max_value=10, required=False
    )
    severity = forms.ChoiceField(label=gettext_lazy("Severity"), required=False, choices=[])

    def __init__(self, *args: Any, assurance: Assurance, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = Monitor.objects.filter(app__in=assurance.apps.values("pk"), enabled=True, deleted_at=None, kept_by="")
        rules = rules.filter(kind=Kind.THRESHOLD)
        rules = rules.select_related("app", "customer").order_by("app__name", "metric", "severity", "pk")
        self.fields["monitors"].queryset = rules  # type: ignore[attr-defined]
        as_is = ("", _("as it is"))
        spans = [as_is, (30, "30 s"), (60, "60 s"), (120, "120 s"), (300, "300 s")]
        self.fields["window_s"].choices = spans  # type: ignore[attr-defined]
        self.fields["severity"].choices = [as_is, *Severity.choices]  # type: ignore[attr-defined]

    def how(self) -> Tighter:
        """How much tighter."""
        said = self.cleaned_data
        return Tighter(said["percent"], said["window_s"], said["fire_after"], said["severity"])


class DutyForm(forms.Form):
    """Who joins which schedule for the event."""

    schedule = forms.ModelChoiceField(
        label=gettext_lazy("Schedule"), queryset=Schedule.objects.all(), empty_label=None, to_field_name="ref"
    )
    user = forms.ModelChoiceField(
        label=gettext_lazy("Who"), queryset=User.objects.none(), empty_label=None, to_field_name="ref"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = takers()  # type: ignore[attr-defined]
