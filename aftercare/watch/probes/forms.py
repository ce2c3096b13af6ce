"""What people may fill in about a probe target."""

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from aftercare.accounts.access import Visitor, apps_for
from aftercare.accounts.models import App
from aftercare.kernel.errors import Refused
from aftercare.watch.models import ProbeKind
from aftercare.watch.probes.checks import check
from aftercare.watch.probes.expectations import EXPECTATIONS, RECORD_TYPES
from aftercare.watch.probes.types import ProbeFacts

PLAIN = ("app", "kind", "name", "address", "every_s")
# The groups of expectations; what a kind does not have is not taken from its form.
GROUPS = {
    "media": ("watch_s", "most_stall_ms", "content"),
    "api": ("status", "under_ms", "headers", "json"),
    "dns": ("answers", "type", "resolver", "httpdns"),
    "expiry": ("least_days",),
    "rtc": ("token",),
}
TITLES = {
    "media": pgettext_lazy("probe", "Picture and sound"),
    "api": pgettext_lazy("probe", "The answer"),
    "dns": pgettext_lazy("probe", "The name"),
    "expiry": pgettext_lazy("probe", "Expiry"),
    "rtc": gettext_lazy("Signalling"),
}
LONGEST_TEXT = 4000


def lines_field(label: Any, help_text: Any) -> forms.CharField:
    """A field with one thing a line."""
    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})
    return forms.CharField(required=False, max_length=LONGEST_TEXT, label=label, help_text=help_text, widget=widget)


class ProbeForm(forms.Form):
    """A target's settings; `facts` of the cleaned data holds them."""

    kind = forms.ChoiceField(choices=ProbeKind.choices, label=gettext_lazy("What an agent does"))
    name = forms.CharField(max_length=80, label=pgettext_lazy("probe", "Name"))
    address = forms.CharField(
        max_length=500,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("A URL as a player would open it; for DNS, certificates and domains the host name."),
    )
    every_s = forms.IntegerField(label=gettext_lazy("Every, seconds"), initial=60)
    watch_s = forms.IntegerField(required=False, label=gettext_lazy("Watch or push for, seconds"), initial=8)
    most_stall_ms = forms.IntegerField(required=False, label=gettext_lazy("Longest stall, ms"))
    content = forms.BooleanField(
        required=False, label=gettext_lazy("A picture all black or frozen, or no sound at all, counts as failed")
    )
    status = forms.IntegerField(
        required=False, label=gettext_lazy("Status code"), help_text=gettext_lazy("Empty: any 2xx.")
    )
    under_ms = forms.IntegerField(required=False, label=gettext_lazy("Answered within, ms"))
    headers = lines_field(gettext_lazy("Headers"), gettext_lazy("One a line: <code>Content-Type: text/html</code>"))
    json = lines_field(gettext_lazy("Values in the JSON"), gettext_lazy("One a line: <code>data.code = 0</code>"))
    answers = lines_field(
        gettext_lazy("Right answers"),
        gettext_lazy("One address, network or name a line; any other answer counts as a hijack."),
    )
    type = forms.ChoiceField(required=False, choices=[(t, t) for t in RECORD_TYPES], label=gettext_lazy("Record type"))
    resolver = forms.CharField(
        required=False, max_length=60, label=gettext_lazy("Resolver"), help_text=gettext_lazy("Empty: the agent's own.")
    )
    httpdns = forms.CharField(
        required=False,
        max_length=300,
        label=gettext_lazy("HTTPDNS service"),
        help_text=gettext_lazy("A DoH address, or a vendor's with <code>{name}</code> in it; asked instead of DNS."),
    )
    least_days = forms.IntegerField(required=False, label=gettext_lazy("Warn so many days ahead"))

    token = forms.CharField(
        required=False,
        max_length=510,
        label=gettext_lazy("Bearer token"),
        help_text=gettext_lazy("Seen by those who may change the target, and by its agents."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """The fields that every kind has."""
        return [self[name] for name in PLAIN if name in self.fields]

    @property
    def groups(self) -> list[tuple[str, Any, list[forms.BoundField]]]:
        """The expectations: key, title and fields of each group."""
        return [(key, TITLES[key], [self[name] for name in names]) for key, names in GROUPS.items()]

    def clean(self) -> dict[str, Any]:
        """Add `facts`, or the sentence that refuses them."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            facts = facts_from(cleaned)
            check(facts)
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from None
        return {**cleaned, "facts": facts}


class NewProbeForm(ProbeForm):
    """The same with the app it is for."""

    def __init__(self, user: Visitor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        apps = [(app.ref, f"{app.customer.display_name} · {app.display_name}") for app in apps_for(user)]
        self.fields["app"] = forms.ChoiceField(choices=[("", _("Choose an app")), *apps], label=_("App"))

    def app(self) -> App:
        """The chosen app of a valid form."""
        return apps_for(self.user).get(ref=self.cleaned_data["app"])


def facts_from(cleaned: dict[str, Any]) -> ProbeFacts:
    """The settings, with the expectations of this kind alone. Raises Refused for a line that cannot be read."""
    kind = ProbeKind(cleaned["kind"])
    expectations: dict[str, Any] = {}
    for name in EXPECTATIONS[kind]:
        value = cleaned.get(name)
        if value is not None and value is not False and value != "":
            expectations[name] = READERS[name](value) if name in READERS else value
    if expectations.get("type") == RECORD_TYPES[0]:
        del expectations["type"]
    return ProbeFacts(cleaned["name"].strip(), kind.value, cleaned["address"].strip(), cleaned["every_s"], expectations)


def lines_of(text: str) -> list[str]:
    """The lines that say anything."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def headers_from(text: str) -> dict[str, str]:
    """`Name: value` lines. Raises Refused for another."""
    pairs = [line.partition(":") for line in lines_of(text)]
    if not all(colon for _name, colon, _value in pairs):
        raise Refused(_("An expected header is written as “Content-Type: application/json”."))
    return {name.strip(): value.strip() for name, _colon, value in pairs}


def values_from(text: str) -> dict[str, Any]:
    """`path = value` lines; a value that is JSON is taken as that, any other as text. Raises Refused."""
    found: dict[str, Any] = {}
    for line in lines_of(text):
        path, equals, value = line.partition("=")
        if not equals:
            raise Refused(_("An expected value is written as “data.code = 0”."))
        try:
            found[path.strip()] = json.loads(value)
        except ValueError:
            found[path.strip()] = value.strip()
    return found


READERS: dict[str, Callable[[str], Any]] = {"headers": headers_from, "json": values_from, "answers": lines_of}


def initial_from(facts: ProbeFacts) -> dict[str, Any]:
    """What the form shows for these settings."""
    expect = facts.expectations
    shown = {**facts.as_dict(), **expect}
    shown["headers"] = "\n".join(f"{name}: {value}" for name, value in expect.get("headers", {}).items())
    values = expect.get("json", {}).items()
    shown["json"] = "\n".join(f"{path} = {json.dumps(value, ensure_ascii=False)}" for path, value in values)
    shown["answers"] = "\n".join(expect.get("answers", []))
    return shown
