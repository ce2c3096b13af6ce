"""The form of a scrape target."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.kernel.errors import Refused
from aftercare.telemetry.actions.scrape_targets import TargetFacts, require_callable
from aftercare.telemetry.models import ScrapeTarget

LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
MOST_LABELS, LONGEST_VALUE = 20, 200


class ScrapeTargetForm(forms.Form):
    """A scrape target, new or known. A secret that is kept is not shown; left empty it stays."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("Stands on every series as the label `job`.")
    )
    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        help_text=gettext_lazy("Of the metrics themselves, such as http://203.0.113.7:9100/metrics."),
    )
    interval_s = forms.IntegerField(label=gettext_lazy("Every, seconds"), min_value=5, max_value=3600, initial=15)
    timeout_s = forms.IntegerField(
        label=gettext_lazy("Timeout, seconds"),
        min_value=1,
        max_value=30,
        initial=10,
        help_text=gettext_lazy("No longer than the time between two pulls."),
    )
    auth = forms.ChoiceField(label=gettext_lazy("Authentication"), choices=ScrapeTarget.Auth.choices, required=False)
    username = forms.CharField(label=gettext_lazy("User name"), max_length=120, required=False)
    secret = forms.CharField(
        label=gettext_lazy("Token or password"),
        max_length=2000,
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Kept encrypted and never shown again. Left empty, the one that is kept stays."),
    )
    labels = forms.CharField(
        label=gettext_lazy("Further labels"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line, such as region=cn-east. They stand on every series of this target."),
    )

    def __init__(self, *args: Any, is_resource: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self.is_resource = is_resource

    def clean_address(self) -> str:
        """The address, if it is one that can be pulled."""
        address = str(self.cleaned_data["address"])
        try:
            require_callable(address, is_resource=self.is_resource)
        except Refused as refused:
            raise ValidationError(refused.sentence) from None
        return address

    def clean_username(self) -> str:
        """The user name, if it can be sent."""
        username = str(self.cleaned_data["username"])
        if ":" in username or not username.isprintable():
            raise ValidationError(_("A user name holds no colon and no control characters."))
        return username

    def clean_secret(self) -> str:
        """The secret, if it can be sent in a header."""
        secret = str(self.cleaned_data["secret"])
        if not (secret.isascii() and secret.isprintable()):
            raise ValidationError(_("A token or password is of printable ASCII characters here."))
        return secret

    def clean_labels(self) -> dict[str, str]:
        """The labels by name."""
        found: dict[str, str] = {}
        for line in filter(None, map(str.strip, str(self.cleaned_data["labels"]).splitlines())):
            name, equals, value = (part.strip() for part in line.partition("="))
            if not equals or not LABEL_NAME.fullmatch(name):
                raise ValidationError(_("“%(line)s” is not a label such as region=cn-east.") % {"line": line[:60]})
            if name == "job" or name.startswith("__"):
                raise ValidationError(_("The label %(name)s is given by us.") % {"name": name[:60]})
            if name in found or len(found) >= MOST_LABELS or len(value) > LONGEST_VALUE:
                raise ValidationError(
                    _("At most %(n)s labels, each once, of %(most)s characters at most.")
                    % {"n": MOST_LABELS, "most": LONGEST_VALUE}
                )
            found[name] = value
        return found

    def clean(self) -> dict[str, Any]:
        """All fields together."""
        told = super().clean() or self.cleaned_data
        interval_s, timeout_s = told.get("interval_s"), told.get("timeout_s")
        if interval_s and timeout_s and timeout_s > interval_s:
            self.add_error("timeout_s", _("The timeout is longer than the time between two pulls."))
        if told.get("auth") == ScrapeTarget.Auth.BASIC and not told.get("username") and "username" not in self.errors:
            self.add_error("username", _("Give the user name."))
        return told

    def facts(self) -> TargetFacts:
        """The cleaned values."""
        told = self.cleaned_data
        return TargetFacts(**{**told, "secret": told["secret"] or None})

    @staticmethod
    def initial_of(target: ScrapeTarget) -> dict[str, Any]:
        """What the form shows of a known target: everything but its secret."""
        shown = ("name", "address", "interval_s", "timeout_s", "auth", "username")
        lines = "\n".join(f"{name}={value}" for name, value in target.labels.items())
        return {**{name: getattr(target, name) for name in shown}, "labels": lines}
