"""What people may fill in about a source of alerts."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from aftercare.accounts.access import Visitor, apps_for, customers_for
from aftercare.accounts.models import App, Customer
from aftercare.kernel.errors import Refused
from aftercare.watch.models import SourceKind
from aftercare.watch.outside.formats.mapped import LONGEST, PARTS
from aftercare.watch.outside.keeping import LONGEST_OVERLAP_H, checked
from aftercare.watch.outside.types import SourceFacts

OWN = "own"
LABELS = {
    "list": gettext_lazy("List of alerts"),
    "title": pgettext_lazy("mapping", "Title"),
    "body": gettext_lazy("More words"),
    "severity": gettext_lazy("Level"),
    "fingerprint": gettext_lazy("What names the trouble"),
    "state": pgettext_lazy("mapping", "State"),
    "recovered": gettext_lazy("Values that mean recovered"),
    "link": pgettext_lazy("mapping", "Link"),
    "labels": gettext_lazy("Labels"),
}
HELP = {
    "list": gettext_lazy("Empty where the payload is one alert."),
    "title": gettext_lazy("A path such as <code>event.name</code> or <code>alerts.0.name</code>."),
    "fingerprint": gettext_lazy("One path or several by commas; the same in the recovery. Empty: the title."),
    "recovered": gettext_lazy("By commas: <code>ok, resolved</code>"),
    "labels": gettext_lazy("Where an object of names and values stands."),
}


def path_field(name: str) -> forms.CharField:
    """The field for one part of the mapping."""
    widget = forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"})
    help_text = HELP.get(name, "")
    return forms.CharField(required=False, max_length=LONGEST, label=LABELS[name], help_text=help_text, widget=widget)


class MappingForm(forms.Form):
    """The paths of a mapping alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in PARTS:
            self.fields[f"map_{name}"] = path_field(name)

    def ask_for_title(self, is_needed: bool) -> None:
        """The title is needed where the mapping is read."""
        self.fields["map_title"].required = is_needed

    @property
    def mapping_fields(self) -> list[forms.BoundField]:
        """The fields of the mapping."""
        return [self[f"map_{name}"] for name in PARTS]

    def mapping(self) -> dict[str, str]:
        """The mapping that was filled in, empty parts left out."""
        told = {name: str(self.cleaned_data.get(f"map_{name}") or "").strip() for name in PARTS}
        return {name: path for name, path in told.items() if path}


class SourceForm(MappingForm):
    """A source's settings; `facts` of the cleaned data holds them."""

    kind = SourceKind.JSON.value
    name = forms.CharField(max_length=80, label=pgettext_lazy("source", "Name"))
    silent_after_min = forms.IntegerField(
        required=False,
        min_value=1,
        label=gettext_lazy("Close without news after, minutes"),
        help_text=gettext_lazy("Empty: never. For systems that tell no recovery, or that may die themselves."),
    )
    severities = forms.CharField(
        required=False,
        max_length=4000,
        label=gettext_lazy("How loud each level is"),
        help_text=gettext_lazy(
            "One a line: <code>critical = red</code>, <code>p3 = warning</code>, <code>info = ignored</code>; "
            "<code>* = red</code> for all others. What is not named goes by the kind's own table."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """The fields that every kind has."""
        plain = ("kind", "place", "name", "silent_after_min", "severities")
        return [self[name] for name in plain if name in self.fields]

    def clean(self) -> dict[str, Any]:
        """Add `facts`, or the sentence that refuses them."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        kind = cleaned.get("kind") or self.kind
        try:
            minutes = cleaned.get("silent_after_min")
            levels = levels_from(cleaned["severities"])
            facts = SourceFacts(cleaned["name"], self.mapping(), levels, minutes * 60 if minutes else None)
            return {**cleaned, "facts": checked(kind, facts)}
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from None


class NewSourceForm(SourceForm):
    """The same with its kind, and whose systems it watches."""

    def __init__(self, user: Visitor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_for_title(not self.is_bound or self.data.get("kind") == SourceKind.JSON)
        self.places: dict[str, App | Customer | None] = {OWN: None}
        self.places |= {one.ref: one for one in customers_for(user)}
        self.places |= {one.ref: one for one in apps_for(user)}
        words = {ref: place_words(place) for ref, place in self.places.items()}
        self.fields["kind"] = forms.ChoiceField(choices=SourceKind.choices, label=_("What sends them"))
        self.fields["place"] = forms.ChoiceField(
            choices=[("", _("Choose whose systems")), *words.items()],
            label=_("Whose systems"),
            help_text=_("A customer's people read what is said of their systems; of our own nobody else does."),
        )

    def place(self) -> App | Customer | None:
        """The chosen place of a valid form."""
        return self.places[self.cleaned_data["place"]]


class RotationForm(forms.Form):
    """How long the old address works beside the new one."""

    overlap_h = forms.IntegerField(
        label=gettext_lazy("The old address works for another … hours"),
        min_value=0,
        max_value=LONGEST_OVERLAP_H,
        initial=24,
    )


class TrialForm(MappingForm):
    """A payload to look at, with a mapping that may differ from the source's."""

    payload = forms.CharField(
        max_length=200_000,
        label=gettext_lazy("Payload"),
        help_text=gettext_lazy("As the system sends it. It is read once and not kept."),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "code"}),
    )


def place_words(place: App | Customer | None) -> str:
    """A place as a choice."""
    if place is None:
        return _("Our own systems")
    if isinstance(place, App):
        return f"{place.customer.display_name} · {place.display_name}"
    return _("%(customer)s · all apps") % {"customer": place.display_name}


def levels_from(text: str) -> dict[str, str]:
    """`level = grade` lines. Raises Refused for another."""
    pairs = [line.rpartition("=") for line in text.splitlines() if line.strip()]
    if not all(level.strip() for level, _equals, _grade in pairs):
        raise Refused(_("A level is graded as “critical = red”."))
    return {level.strip(): grade.strip().lower() for level, _equals, grade in pairs}


def initial_from(facts: SourceFacts) -> dict[str, Any]:
    """What the form shows for these settings."""
    return {
        "name": facts.name,
        "silent_after_min": facts.silent_after_s // 60 if facts.silent_after_s else None,
        "severities": "\n".join(f"{level} = {grade}" for level, grade in facts.severities.items()),
        **{f"map_{name}": path for name, path in facts.mapping.items()},
    }
