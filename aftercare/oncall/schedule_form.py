"""The form of a schedule: its fields, and for each layer who takes turns, how long, from when, and at which hours."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.accounts.models import User
from aftercare.oncall.queries.people import takers
from aftercare.oncall.roster.document import SIGN_IN_AT_MOST
from aftercare.oncall.roster.turns import Unit
from aftercare.web.fields import WallClock

LAYERS_AT_MOST = 50
NOBODY = "-"
BETWEEN_PEOPLE = re.compile(r"[,，、;；]")
HOURS_LINE = re.compile(r"(?P<days>.+?)\s+(?P<start>\d{1,2}:\d{2})\s*(?:-|–|—|~)\s*(?P<end>\d{1,2}:\d{2})")
UNITS = [
    (Unit.HOUR.value, gettext_lazy("hours")),
    (Unit.DAY.value, gettext_lazy("days")),
    (Unit.WEEK.value, gettext_lazy("weeks")),
    (Unit.MONTH.value, gettext_lazy("months")),
]
LAYER_FIELDS = ("name", "turns", "every", "unit", "starts", "ends", "hours")


class ScheduleForm(forms.Form):
    """A schedule with its layers; an empty layer more is always offered, and one without turns is taken away.

    `people` are those who may be named: everybody who can take pages, and who has a place already.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    timezone = forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=64,
        help_text=gettext_lazy("Hand-overs keep this zone's wall clock."),
    )
    holidays = forms.RegexField(
        r"^[A-Za-z]{2}$",
        label=gettext_lazy("Public holidays of"),
        required=False,
        help_text=gettext_lazy(
            "A country's code, like CN: workdays and days-off follow its holidays and make-up days."
        ),
        widget=forms.TextInput(attrs={"size": 4, "maxlength": 2}),
    )
    fallback = forms.ModelChoiceField(
        label=gettext_lazy("Where nobody is left"),
        queryset=User.objects.none(),
        required=False,
        to_field_name="ref",
        empty_label=gettext_lazy("nobody: the next step is woken at once"),
    )

    sign_in = forms.IntegerField(
        label=gettext_lazy("Sign in within, minutes"),
        min_value=1,
        max_value=SIGN_IN_AT_MOST,
        required=False,
        help_text=gettext_lazy("Whoever comes on duty confirms it, or the policy wakes others. Empty: nobody need."),
    )

    def __init__(self, *args: Any, people: Sequence[User], layers: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["fallback"].queryset = takers()  # type: ignore[attr-defined]
        self.fields["timezone"].widget.attrs["list"] = "zones"
        asked = sum(1 for key in self.data if re.fullmatch(r"layer_\d+_turns", key)) if self.is_bound else layers + 1
        self.layer_count = min(max(asked, 1), LAYERS_AT_MOST)
        for n in range(self.layer_count):
            self.fields |= {f"layer_{n}_{name}": field for name, field in layer_fields(is_first=n == 0).items()}

    def layers(self) -> list[list[forms.BoundField]]:
        """The fields of each layer, to lay out."""
        return [[self[f"layer_{n}_{name}"] for name in LAYER_FIELDS] for n in range(self.layer_count)]

    def head(self) -> list[forms.BoundField]:
        """The fields of the schedule itself."""
        return [self[name] for name in ("name", "timezone", "holidays", "fallback", "sign_in")]

    def clean_timezone(self) -> str:
        """An IANA zone."""
        name: str = self.cleaned_data["timezone"]
        if name not in available_timezones():
            raise forms.ValidationError(
                _("“%(zone)s” is not a time zone; write one like Asia/Shanghai.") % {"zone": name}
            )
        return name

    def clean(self) -> dict[str, Any]:
        """Every layer's turns as refs and its hours as fields of the document."""
        data: dict[str, Any] = super().clean() or {}
        for n in range(self.layer_count):
            for name, read in (("turns", self.read_turns), ("hours", read_hours)):
                key = f"layer_{n}_{name}"
                try:
                    data[key] = read(data.get(key) or "")
                except forms.ValidationError as error:
                    self.add_error(key, error)
            if data.get(f"layer_{n}_turns") and not data.get(f"layer_{n}_starts"):
                self.add_error(f"layer_{n}_starts", _("Say when the first turn begins."))
        return data

    def read_turns(self, text: str) -> list[list[str]]:
        """Who takes turns, out of one line for each turn."""
        turns = []
        for line in text.splitlines():
            names = [name.strip() for name in BETWEEN_PEOPLE.split(line) if name.strip()]
            if names:
                turns.append([] if names == [NOBODY] else list(dict.fromkeys(self.person(name).ref for name in names)))
        return turns

    def person(self, told: str) -> User:
        """Who is meant by a name or an address."""
        address = told.rpartition("<")[2].rstrip("> ").lower()
        found = [one for one in self.people if address == one.email.lower()]
        found = found or [one for one in self.people if one.name == told]
        if len(found) > 1:
            raise forms.ValidationError(
                _("%(n)s people are called %(name)s: write the address.") % {"n": len(found), "name": told}
            )
        if not found:
            raise forms.ValidationError(_("“%(name)s” is nobody who can take pages.") % {"name": told})
        return found[0]

    def document(self) -> dict[str, Any]:
        """The document as `save_schedule` takes it."""
        data = self.cleaned_data
        told: dict[str, Any] = {"timezone": data["timezone"]}
        if data["holidays"]:
            told["holidays"] = data["holidays"].upper()
        if data["fallback"]:
            told["fallback"] = [data["fallback"].ref]
        if data["sign_in"]:
            told["sign-in"] = str(data["sign_in"])
        layers = [{name: data[f"layer_{n}_{name}"] for name in LAYER_FIELDS} for n in range(self.layer_count)]
        return told | {"layers": [layer_of(layer) for layer in layers if layer["turns"]]}


def layer_fields(*, is_first: bool) -> dict[str, forms.Field]:
    """The fields of one layer."""
    return {
        "name": forms.CharField(label=_("Layer's name"), max_length=80, required=False),
        "turns": forms.CharField(
            label=_("Who takes turns"),
            required=is_first,
            max_length=20_000,
            widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
            help_text=_("One turn a line, by name or address; several people at once with a comma between them."),
        ),
        "every": forms.IntegerField(label=_("Turn lasts"), min_value=1, max_value=999, initial=1),
        "unit": forms.ChoiceField(label=_("Unit"), choices=UNITS, initial=Unit.WEEK.value),
        "starts": WallClock(label=_("First turn begins"), required=is_first),
        "ends": WallClock(label=_("Layer stops"), required=False),
        "hours": forms.CharField(
            label=_("Only at these hours"),
            required=False,
            max_length=2_000,
            widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
            help_text=_("Like “workdays 20:00-08:00” or “sat, sun 00:00-24:00”, one a line; empty: always."),
        ),
    }


def read_hours(text: str) -> list[dict[str, str]]:
    """Lines like `workdays 20:00-08:00` as the document has them."""
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        matched = HOURS_LINE.fullmatch(line)
        if matched is None:
            raise forms.ValidationError(_("“%(line)s” is not like “mon-fri 09:00-18:00”.") % {"line": line})
        found.append({"days": matched["days"], "from": matched["start"], "to": matched["end"]})
    return found


def layer_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """One layer of the document."""
    told = {"name": data["name"]} if data["name"] else {}
    told |= {"turns": data["turns"], "every": f"{data['every']} {data['unit']}s", "starts": local_text(data["starts"])}
    if data["ends"]:
        told["ends"] = local_text(data["ends"])
    return told | ({"hours": data["hours"]} if data["hours"] else {})


def local_text(at: datetime) -> str:
    """A wall-clock time as the document has it."""
    return at.isoformat(sep=" ", timespec="seconds")


def initial_of(document: Mapping[str, Any], people: Mapping[str, User]) -> dict[str, Any]:
    """The form's values for a document; people by name, by address where two are called the same."""
    names = [user.name for user in people.values()]

    def told(ref: str) -> str:
        user = people.get(ref)
        return ref if user is None else user.name if names.count(user.name) == 1 else user.email

    initial: dict[str, Any] = {name: document.get(name, "") for name in ("timezone", "holidays")}
    initial["fallback"] = people.get((document.get("fallback") or [""])[0])
    initial["sign_in"] = document.get("sign-in")
    for n, layer in enumerate(document["layers"]):
        every, _space, unit = layer.get("every", "1 week").rpartition(" ")
        values = {
            "name": layer.get("name", ""),
            "turns": "\n".join(", ".join(told(ref) for ref in turn) or NOBODY for turn in layer["turns"]),
            "every": every or 1,
            "unit": unit.rstrip("s"),
            "starts": datetime.fromisoformat(layer["starts"]),
            "ends": datetime.fromisoformat(layer["ends"]) if "ends" in layer else None,
            "hours": "\n".join(f"{one['days']} {one['from']}-{one['to']}" for one in layer.get("hours", [])),
        }
        initial |= {f"layer_{n}_{name}": value for name, value in values.items()}
    return initial
