"""The forms of silences and of rules of inhibition."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.accounts.models import App, Customer
from aftercare.incidents.noise.actions import LONGEST_SILENCE, NAME_AT_MOST, REASON_AT_MOST
from aftercare.incidents.noise.inhibiting import BY_APP, BY_CUSTOMER
from aftercare.incidents.noise.matching import LONGEST, OWN, Match, labels_of, labels_text
from aftercare.incidents.noise.words import origin_words
from aftercare.kernel.errors import Refused
from aftercare.kernel.wall_clock import instant_of
from aftercare.watch.models import AlertSource, Heartbeat
from aftercare.web.fields import WallClock

MINUTES = (30, 60, 120, 240, 480, 1440, 4320, 10_080)
USUAL = 120


def spans() -> list[tuple[str, str]]:
    """How long a silence may last, to choose from."""
    names = {
        30: _("30 minutes"),
        60: _("1 hour"),
        120: _("2 hours"),
        240: _("4 hours"),
        480: _("8 hours"),
        1440: _("1 day"),
        4320: _("3 days"),
        10_080: _("7 days"),
    }
    return [(str(minutes), names[minutes]) for minutes in MINUTES]


class MatchForm(forms.Form):
    """Which alerts are meant; every part that is filled must fit."""

    customer = forms.ChoiceField(label=gettext_lazy("Customer"), required=False)
    app = forms.ChoiceField(label=gettext_lazy("App"), required=False)
    origin = forms.ChoiceField(label=gettext_lazy("Said by"), required=False)
    metric = forms.CharField(
        label=gettext_lazy("Metric"),
        required=False,
        max_length=LONGEST["metric"],
        widget=forms.TextInput(attrs={"list": "metrics", "autocomplete": "off"}),
    )
    title = forms.CharField(
        label=gettext_lazy("Title of what others' monitoring says"),
        required=False,
        max_length=LONGEST["title"],
        help_text=gettext_lazy("The whole text, or its beginning and a *."),
    )
    labels = forms.CharField(
        label=gettext_lazy("Labels, one name=value a line"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("A value may end with *: region=cn-*"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        origin = str(self["origin"].value() or "")
        choices = {
            "customer": [("", _("any")), (OWN, _("our own systems")), *named(Customer.objects.order_by("name"))],
            "app": [("", _("any")), *named(App.objects.select_related("customer").order_by("customer__name", "name"))],
            "origin": origins(origin),
        }
        for name, offered in choices.items():
            chooser: Any = self.fields.get(name)
            if chooser is not None:
                chooser.choices = offered

    def clean_labels(self) -> dict[str, str]:
        """The pairs."""
        try:
            return labels_of(self.cleaned_data["labels"])
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from None

    def match(self) -> Match:
        """What is meant."""
        parts = ("customer", "app", "origin", "metric", "title", "labels")
        return Match(**{name: self.cleaned_data[name] for name in parts if name in self.cleaned_data})


def named(rows: Any) -> list[tuple[str, str]]:
    """Things to choose from, by ref."""
    return [(row.ref, f"{row.customer} · {row}" if isinstance(row, App) else str(row)) for row in rows]


def origins(chosen: str) -> list[tuple[str, str]]:
    """Sources and heartbeats to choose from, and the one that is chosen: of alert rules there are too many."""
    sources = AlertSource.objects.filter(revoked_at=None).order_by("name").values_list("ref", "name")
    beats = Heartbeat.objects.filter(deleted_at=None).order_by("name").values_list("ref", "name")
    found = [("", _("anything"))]
    found += [(f"source:{ref}", _("Source: %(name)s") % {"name": name}) for ref, name in sources]
    found += [(f"heartbeat:{ref}", _("Heartbeat: %(name)s") % {"name": name}) for ref, name in beats]
    said = origin_words(chosen[:40])
    if chosen and said != chosen and chosen not in dict(found):
        found.insert(1, (chosen, said))
    return found


class SilenceForm(MatchForm):
    """A whole silence. Times are on the reader's wall clock."""

    field_order = ["reason", "lasts", "local_from", "holds_red"]

    reason = forms.CharField(label=gettext_lazy("Why"), max_length=REASON_AT_MOST)
    lasts = forms.ChoiceField(label=gettext_lazy("For how long"), initial=str(USUAL))
    local_from = WallClock(
        label=gettext_lazy("From"), required=False, help_text=gettext_lazy("Empty: now. On your own wall clock.")
    )
    holds_red = forms.BooleanField(
        label=gettext_lazy("Hold red alerts too: nobody is called for them while it lasts"), required=False
    )
    token = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chooser: Any = self.fields["lasts"]
        chooser.choices = spans()

    def clean_local_from(self) -> datetime | None:
        """The instant, None for now."""
        said = self.cleaned_data["local_from"]
        try:
            return instant_of(said, timezone.get_current_timezone()) if said else None
        except (OverflowError, ValueError):
            raise forms.ValidationError(_("This is no time of ours.")) from None

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        """From when until when."""
        starts_at = max(self.cleaned_data["local_from"] or now, now)
        lasts = min(timedelta(minutes=int(self.cleaned_data["lasts"])), LONGEST_SILENCE)
        return starts_at, starts_at + lasts


def silence_initial(match: Match | None) -> dict[str, Any]:
    """A form of its own, filled with what is meant."""
    found: dict[str, Any] = {"token": secrets.token_hex(16)}
    if match is not None:
        found |= {**match.as_dict(), "labels": labels_text(match.labels)}
    return found


class EndForm(forms.Form):
    """When a silence should end instead: so long from now."""

    lasts = forms.ChoiceField(label=gettext_lazy("Let it last from now on"), initial=str(USUAL))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chooser: Any = self.fields["lasts"]
        chooser.choices = spans()


class SideForm(MatchForm):
    """One side of a rule; whose the alerts are is said by what the two have in common."""

    customer = None  # type: ignore[assignment]
    app = None  # type: ignore[assignment]


class RuleForm(forms.Form):
    """A rule's name and what its two sides have in common."""

    name = forms.CharField(label=gettext_lazy("Name of the rule"), max_length=NAME_AT_MOST)
    same = forms.CharField(
        label=gettext_lazy("What the two have in common"),
        max_length=LONGEST["name"],
        initial=BY_CUSTOMER,
        widget=forms.TextInput(attrs={"list": "common", "autocomplete": "off"}),
        help_text=gettext_lazy("customer, app, or the name of a label that both carry with the same value."),
    )


COMMON = (BY_CUSTOMER, BY_APP)
