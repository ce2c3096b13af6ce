"""The form of an account with a vendor. Secrets go in and never come out again."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.notify.account_fields import FIELDS, fields_of, kind_name
from aftercare.notify.account_words import HELP, LABELS
from aftercare.notify.models import RINGING, Account

LINE = re.compile(r"^([\w.:@/+\-]{1,200})\s*=\s*(.*)$")
KEEP = gettext_lazy("kept; leave empty to keep it")


class ChannelForm(forms.Form):
    """Which vendor: the rest of the form depends on it."""

    channel = forms.ChoiceField(
        label=gettext_lazy("Vendor"), choices=lambda: [(kind, kind_name(kind)) for kind in FIELDS]
    )


class LinesField(forms.CharField):
    """Lines of `name = value`; its value is a dictionary."""

    widget = forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"})

    def clean(self, value: Any) -> Any:
        """What was typed, as a dictionary."""
        found: dict[str, str] = {}
        for line in str(super().clean(value)).splitlines():
            if not line.strip():
                continue
            match = LINE.match(line.strip())
            if match is None:
                raise forms.ValidationError(_("“%(line)s” is not of the form name = value.") % {"line": line[:40]})
            found[match[1]] = match[2].strip()
        return found


class AccountForm(forms.Form):
    """Name, what the vendor calls things, and secrets that are only ever written."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    enabled = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    def __init__(self, *args: Any, channel: str, account: Account | None, kept: list[str], **kwargs: Any) -> None:
        if account is not None:
            kwargs["initial"] = {"name": account.name, "enabled": account.enabled, "place": account.place}
        super().__init__(*args, **kwargs)
        self.asked = fields_of(channel)
        if channel.partition(":")[0] in RINGING:
            self.fields["place"] = forms.IntegerField(
                label=_("Order"),
                required=False,
                min_value=1,
                max_value=99,
                initial=account.place if account else 1,
                help_text=_(
                    "Of several accounts that reach a person the lowest sends. The next one takes over at once when it "
                    "fails, or when its limit for the number is used up."
                ),
            )
        config = account.config if account else {}
        for name in self.asked.config:
            self.fields[f"config_{name}"] = forms.CharField(
                label=LABELS.get(name, name),
                required=name in self.asked.needed,
                max_length=500,
                initial=config.get(name, ""),
                help_text=HELP.get(name, ""),
            )
        for name in self.asked.secrets:
            widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
            self.fields[f"secret_{name}"] = forms.CharField(
                label=LABELS.get(name, name),
                required=name in self.asked.needed and name not in kept,
                widget=widget,
                help_text=str(KEEP) if name in kept else "",
            )
        rest = {key: value for key, value in config.items() if key not in self.asked.config}
        self.fields["more"] = LinesField(
            label=_("Further settings"),
            required=False,
            initial="\n".join(f"{key} = {value}" for key, value in sorted(rest.items())),
            help_text=_("One name = value a line."),
        )
        others = [name for name in kept if name not in self.asked.secrets]
        told = _("One name = value a line; nothing behind the sign forgets it.")
        self.fields["more_secrets"] = LinesField(
            label=_("Further secrets"),
            required=False,
            help_text=f"{told} {_('Kept: %(names)s') % {'names': ', '.join(others)}}" if others else told,
        )

    def config(self) -> dict[str, Any]:
        """What is shown to staff, empty values left out."""
        said = self.cleaned_data
        named = {name: said[f"config_{name}"].strip() for name in self.asked.config}
        return {key: value for key, value in {**said["more"], **named}.items() if value}

    def secrets(self) -> dict[str, str]:
        """The secrets that were typed; of the named ones an empty field keeps what is there."""
        said = self.cleaned_data
        named = {name: said[f"secret_{name}"] for name in self.asked.secrets if said[f"secret_{name}"]}
        return {**said["more_secrets"], **named}
