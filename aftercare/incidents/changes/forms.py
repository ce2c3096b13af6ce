"""The forms of changes and freezes. Times are wall-clock times of the zone that is said beside them."""

import secrets
import zoneinfo
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.accounts.models import App, Customer, User
from aftercare.accounts.queries.people import list_staff_with
from aftercare.incidents.changes.types import DAYS_OFFERED, NOTICE_DAYS, ChangeFacts, FreezeFacts, Texts
from aftercare.incidents.models import Change, ChangeKind, FreezeScope, Risk
from aftercare.kernel.wall_clock import instant_of
from aftercare.telemetry.models import Resource
from aftercare.web.fields import WallClock

TEXTS = ("title", "title_zh", "plan", "feel", "feel_zh", "rollback", "executor")


class WindowForm(forms.Form):
    """A window on one wall clock; of a skipped hour the first existing instant, of a repeated one its first time."""

    local_from = WallClock(label=gettext_lazy("Window from"))
    local_until = WallClock(label=gettext_lazy("until"))
    timezone = forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )

    def clean_timezone(self) -> str:
        """A zone of IANA's."""
        name: str = self.cleaned_data["timezone"].strip()
        if name not in zoneinfo.available_timezones():
            raise forms.ValidationError(_("There is no such time zone. Write it like Asia/Shanghai."))
        return name

    def clean(self) -> dict[str, Any]:
        """Add the instants `starts_at` and `ends_at`."""
        said = super().clean() or {}
        if self.errors:
            return said
        zone = ZoneInfo(said["timezone"])
        try:
            instants = [instant_of(said[name], zone) for name in ("local_from", "local_until")]
        except (OverflowError, ValueError):
            raise forms.ValidationError(_("This is no time of ours.")) from None
        return {**said, "starts_at": instants[0], "ends_at": instants[1]}


def local_initial(starts_at: datetime, ends_at: datetime, timezone: str) -> dict[str, Any]:
    """A window as the form shows it."""
    zone = ZoneInfo(timezone)
    naive = [at.astimezone(zone).replace(tzinfo=None) for at in (starts_at, ends_at)]
    return {"local_from": naive[0], "local_until": naive[1], "timezone": timezone}


class TextsForm(forms.Form):
    """What can be worded anew before it begins."""

    title_zh = forms.CharField(label=gettext_lazy("What is changed, in Chinese"), max_length=160, required=False)
    title = forms.CharField(label=gettext_lazy("What is changed, in English"), max_length=160, required=False)
    plan = forms.CharField(
        label=gettext_lazy("What will be done"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Step by step. Customers do not read this."),
    )
    feel_zh = forms.CharField(
        label=gettext_lazy("What users may feel, in Chinese"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "lang": "zh-Hans"}),
    )
    feel = forms.CharField(
        label=gettext_lazy("What users may feel, in English"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "lang": "en"}),
        help_text=gettext_lazy("Stands in the notices, in each customer's language."),
    )
    rollback = forms.CharField(
        label=gettext_lazy("How it is rolled back"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Needed for a medium or high risk: until when, by whom, how long it takes."),
    )
    executor = forms.ModelChoiceField(
        label=gettext_lazy("Who carries it out"), queryset=User.objects.none(), required=False, to_field_name="ref"
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chooser: Any = self.fields["executor"]
        chooser.queryset = list_staff_with("act_on_incidents").order_by("name")
        chooser.empty_label = _("whoever owns it")

    def texts(self) -> Texts:
        """What the actions take."""
        return Texts(**{name: self.cleaned_data[name] for name in TEXTS})


class ChangeForm(WindowForm, TextsForm):
    """A whole change."""

    field_order = ["kind", "title_zh", "title", "local_from", "local_until", "timezone", "risk", "resources", "apps"]

    kind = forms.ChoiceField(label=gettext_lazy("What sort of work"), choices=ChangeKind.choices)
    risk = forms.ChoiceField(label=gettext_lazy("Risk"), choices=Risk.choices, initial=Risk.MEDIUM)
    resources = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Resources"),
        queryset=Resource.objects.order_by("kind", "name"),
        to_field_name="ref",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy("With everything that is part of them; the map says whom they serve."),
    )
    apps = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Apps"),
        queryset=App.objects.select_related("customer").order_by("customer__name", "name"),
        to_field_name="ref",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
    )
    customers = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Customers, besides"),
        queryset=Customer.objects.order_by("name"),
        to_field_name="ref",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
    )
    notice_days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Tell customers so many days before"),
        choices=[(days, str(days)) for days in DAYS_OFFERED],
        coerce=int,
        required=False,
        initial=NOTICE_DAYS[Risk.MEDIUM],
        widget=forms.SelectMultiple(attrs={"size": 5}),
        help_text=gettext_lazy(
            "At the hour at which it begins. Usual: 7, 3 and 1 for a medium or high risk, 3 for a low one."
        ),
    )
    expects_alerts = forms.BooleanField(
        label=gettext_lazy("Alerts are expected: those of what it touches do not page during the window"),
        required=False,
    )
    token = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def facts(self) -> ChangeFacts:
        """What the actions take."""
        said = self.cleaned_data
        names = ("kind", "risk", "timezone", "starts_at", "ends_at", "resources", "apps", "customers")
        more = {"notice_days": said["notice_days"], "expects_alerts": said["expects_alerts"]}
        return ChangeFacts(texts=self.texts(), **{name: said[name] for name in names}, **more)


def texts_initial(change: Change) -> dict[str, Any]:
    """The texts of a change as the form shows them."""
    executor = change.executor.ref if change.executor else ""
    return {**{name: getattr(change, name) for name in TEXTS}, "executor": executor, "version": change.version}


def change_initial(change: Change) -> dict[str, Any]:
    """A draft as the form shows it."""
    by_hand = change.customers.filter(by_hand=True, removed_at=None).values_list("customer__ref", flat=True)
    plain = {name: getattr(change, name) for name in ("kind", "risk", "notice_days", "expects_alerts")}
    return {
        **texts_initial(change),
        **local_initial(change.starts_at, change.ends_at, change.timezone),
        **plain,
        "resources": [one.ref for one in change.resources.all()],
        "apps": [one.ref for one in change.apps.all()],
        "customers": list(by_hand),
        "token": change.token,
    }


def new_initial(timezone: str) -> dict[str, Any]:
    """An empty form of its own."""
    return {"timezone": timezone, "token": secrets.token_hex(16)}


class FreezeForm(WindowForm):
    """A whole freeze."""

    field_order = ["name_zh", "name", "local_from", "local_until", "timezone", "scope"]

    name_zh = forms.CharField(label=gettext_lazy("Name, in Chinese"), max_length=120, required=False)
    name = forms.CharField(label=gettext_lazy("Name, in English"), max_length=120, required=False)
    scope = forms.ChoiceField(label=gettext_lazy("What must not be changed"), choices=FreezeScope.choices)
    regions = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Regions"),
        queryset=Resource.objects.filter(kind=Resource.Kind.REGION).order_by("name"),
        to_field_name="ref",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
    )
    customers = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Customers"),
        queryset=Customer.objects.order_by("name"),
        to_field_name="ref",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
    )
    breakers = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Who may break it, with a reason"),
        queryset=User.objects.none(),
        to_field_name="ref",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
        help_text=gettext_lazy("Nobody chosen: managers and admins."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chooser: Any = self.fields["breakers"]
        chooser.queryset = list_staff_with("act_on_incidents").order_by("name")

    def facts(self) -> FreezeFacts:
        """What the action takes."""
        names = ("name", "name_zh", "timezone", "starts_at", "ends_at", "scope", "regions", "customers", "breakers")
        return FreezeFacts(**{name: self.cleaned_data[name] for name in names})


class RulesForm(forms.Form):
    """Hours of what is promised and suspected."""

    promised_lead_h = forms.IntegerField(label=gettext_lazy("Hours of notice that customers are promised"), min_value=0)
    suspect_change_h = forms.IntegerField(label=gettext_lazy("Hours for which a change is suspected"), min_value=0)
    suspect_cutover_h = forms.IntegerField(label=gettext_lazy("Hours for which a cut-over is suspected"), min_value=0)
    suspect_maintenance_h = forms.IntegerField(
        label=gettext_lazy("Hours for which maintenance is suspected"), min_value=0
    )
