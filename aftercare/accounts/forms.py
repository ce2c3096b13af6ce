"""What people fill in; each form hands its view the facts that an action takes."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aftercare.accounts.actions.customers import AppFacts, CustomerFacts
from aftercare.accounts.actions.keys import LONGEST_OVERLAP_H
from aftercare.accounts.actions.people import ProfileFacts
from aftercare.accounts.models import App, Customer, DataRequest, Plan, Rank, Scenario, User
from aftercare.accounts.models.key import DEFAULT_QUOTA_LINES_PER_S, CallbackSource


def zone_choices() -> list[tuple[str, str]]:
    """Every IANA zone that names a place, and UTC."""
    return [(name, name) for name in sorted(zoneinfo.available_timezones()) if "/" in name or name == "UTC"]


class CustomerForm(forms.Form):
    """A customer, new or known."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    rank = forms.ChoiceField(
        label=_("Rank"), choices=Rank.choices, help_text=_("How much this customer matters. It is not the plan.")
    )
    plan = forms.ChoiceField(label=_("Service plan"), choices=Plan.choices, help_text=_("What this customer bought."))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    timezone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)

    def facts(self) -> CustomerFacts:
        """The cleaned values."""
        return CustomerFacts(**self.cleaned_data)

    @staticmethod
    def initial_of(customer: Customer | None) -> dict[str, Any]:
        """What the form shows at first."""
        if customer is None:
            return {"rank": Rank.ORDINARY, "plan": Plan.BASIC, "language": "zh-hans", "timezone": "Asia/Shanghai"}
        return {field: getattr(customer, field) for field in CustomerForm.base_fields}


class AppForm(forms.Form):
    """An app, new or known."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    scenario = forms.ChoiceField(
        label=_("Scenario"),
        choices=Scenario.choices,
        help_text=_("Decides which metrics and monitors the app starts with."),
    )

    def facts(self) -> AppFacts:
        """The cleaned values."""
        return AppFacts(**self.cleaned_data)

    @staticmethod
    def initial_of(app: App | None) -> dict[str, Any]:
        """What the form shows at first."""
        return {field: getattr(app, field) for field in AppForm.base_fields} if app else {}


class RoleForm(forms.Form):
    """Another role for somebody; `roles` are those of the person's side."""

    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, roles: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = forms.ChoiceField(label=_("Role"), choices=roles)


class InvitationForm(RoleForm):
    """Who is invited."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"))
    field_order = ["name", "email", "role"]


class PasswordForm(forms.Form):
    """A first password, typed twice."""

    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label=_("Password again"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """The password, if it is a good one for this person."""
        password = str(self.cleaned_data["password"])
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Both must be equal."""
        cleaned = super().clean() or self.cleaned_data
        if "password" in cleaned and cleaned.get("again") != cleaned["password"]:
            raise ValidationError({"again": _("The two passwords differ.")})
        return cleaned


class ProfileForm(forms.Form):
    """What people set about themselves."""

    name = forms.CharField(label=_("Name"), max_length=120)
    phone = forms.RegexField(
        label=_("Phone"),
        regex=r"^\+?[0-9 -]{5,30}$",
        required=False,
        help_text=_("With the country's code, like +86 138 0000 0000. The on-call is called here."),
        error_messages={"invalid": _("Write the number in digits, like +86 138 0000 0000.")},
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("As the browser asks")), *settings.LANGUAGES]
    )
    timezone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    theme = forms.ChoiceField(
        label=_("Theme"), choices=[("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))]
    )

    def facts(self) -> ProfileFacts:
        """The cleaned values."""
        return ProfileFacts(**self.cleaned_data)


class CallbackForm(forms.Form):
    """Whose callbacks come with a key, and the secret that they are signed with. The secret is never shown again."""

    callback_source = forms.ChoiceField(
        label=_("Callbacks of"),
        required=False,
        choices=[("", pgettext_lazy("callbacks", "Nobody")), *CallbackSource.choices],
        help_text=_("Only for a key that a vendor's callbacks come with. Other reports need nothing here."),
    )
    callback_secret = forms.CharField(
        label=_("Secret of the callbacks"),
        required=False,
        max_length=120,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("The one that the vendor's console signs callbacks with. It is used to check them, never shown."),
    )


class KeyForm(forms.Form):
    """A new ingest key of an app."""

    label = forms.CharField(
        label=_("Label"), max_length=80, help_text=_("Where the key will live, like “Android 5.2”.")
    )
    user_hash = forms.BooleanField(
        label=_("Hash user identifiers"),
        required=False,
        initial=True,
        help_text=_("Identifiers are stored as hashes under this customer's own secret. Search still works."),
    )
    quota_lines_per_s = forms.IntegerField(
        label=_("Quota, lines per second"), min_value=1, max_value=1_000_000, initial=DEFAULT_QUOTA_LINES_PER_S
    )


class AppKeyForm(KeyForm, CallbackForm):
    """A new ingest key, with the app to choose."""

    app = forms.ChoiceField(label=_("App"))
    field_order = ["app", "label", "user_hash", "quota_lines_per_s", "callback_source", "callback_secret"]

    def __init__(self, *args: Any, apps: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["app"] = forms.ChoiceField(label=_("App"), choices=apps)


class RotationForm(forms.Form):
    """How long the old key works beside the new one."""

    overlap_h = forms.IntegerField(
        label=_("The old key works for another … hours"), min_value=0, max_value=LONGEST_OVERLAP_H, initial=24
    )


class DataRequestForm(forms.Form):
    """About which end user, and what."""

    kind = forms.ChoiceField(label=_("What to do"), choices=DataRequest.Kind.choices, widget=forms.RadioSelect)
    identifier = forms.CharField(
        label=_("User identifier"),
        max_length=256,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("As your app sends it. Only its hash is kept."),
    )


class TokenForm(forms.Form):
    """A new API token."""

    label = forms.CharField(label=_("What it is for"), max_length=80)
    life_days = forms.IntegerField(label=_("Works for (days)"), min_value=1, max_value=366, initial=90)


class CustomerFilterForm(forms.Form):
    """What the list of customers is narrowed to."""

    q = forms.CharField(label=_("Name"), required=False, max_length=120)
    rank = forms.ChoiceField(label=_("Rank"), required=False, choices=[("", _("Any rank")), *Rank.choices])
    plan = forms.ChoiceField(label=_("Service plan"), required=False, choices=[("", _("Any plan")), *Plan.choices])


class StaffFilterForm(forms.Form):
    """What the list of staff is narrowed to."""

    q = forms.CharField(label=_("Name or e-mail"), required=False, max_length=120)


class KeyFilterForm(forms.Form):
    """What the list of keys is narrowed to."""

    q = forms.CharField(label=_("Label, app or customer"), required=False, max_length=80)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Any state")), ("working", _("Works")), ("ended", _("Revoked or expired"))],
    )


class AuditFilterForm(forms.Form):
    """What the audit is narrowed to; refs, so that the address can be shared."""

    action = forms.CharField(label=_("Action"), required=False, max_length=64)
    person = forms.CharField(label=_("Person"), required=False, max_length=16)
    customer = forms.CharField(label=_("Customer"), required=False, max_length=16)
    subject = forms.CharField(label=_("Thing"), required=False, max_length=64)
    since = forms.DateTimeField(
        label=_("From"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    until = forms.DateTimeField(
        label=_("To"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
