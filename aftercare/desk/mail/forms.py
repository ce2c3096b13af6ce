"""What people fill in for a mailbox, and for a mail that belongs nowhere."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models import Customer
from aftercare.desk.mail.addresses import plain
from aftercare.desk.mail.settings import SECRETS, MailboxFacts
from aftercare.notify.models import Account

SECURITY = [("tls", _("TLS")), ("starttls", _("STARTTLS")), ("none", _("none"))]


def hidden(label: Any) -> forms.CharField:
    """A password that is never shown again."""
    widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
    return forms.CharField(
        label=label, required=False, max_length=200, widget=widget, help_text=_("Leave empty to keep it.")
    )


class MailboxForm(forms.Form):
    """A mailbox: its address, how mail comes in, how it goes out."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Customers see it as the sender."))
    address = forms.EmailField(label=_("Address"), max_length=200)
    aliases = forms.CharField(
        label=_("Further addresses that lead here"),
        max_length=1000,
        required=False,
        help_text=_("Separated by commas."),
    )
    enabled = forms.BooleanField(label=_("In use"), required=False, initial=True)
    acknowledge = forms.BooleanField(label=_("Confirm new tickets to who wrote"), required=False, initial=True)
    imap_host = forms.CharField(
        label=_("IMAP server"),
        max_length=200,
        required=False,
        help_text=_("Empty where mail is delivered to our own mail server."),
    )
    imap_port = forms.IntegerField(label=_("IMAP port"), min_value=1, max_value=65535, initial=993)
    imap_security = forms.ChoiceField(label=_("IMAP security"), choices=SECURITY, initial="tls")
    imap_user = forms.CharField(label=_("IMAP user"), max_length=200, required=False)
    imap_password = hidden(_("IMAP password"))
    imap_folder = forms.CharField(label=_("Folder"), max_length=200, initial="INBOX")
    import_days = forms.IntegerField(
        label=_("Import the last days"),
        min_value=0,
        max_value=3650,
        initial=30,
        help_text=_("While the past is imported, nothing goes out. 0 imports nothing."),
    )
    smtp_host = forms.CharField(
        label=_("SMTP server"), max_length=200, required=False, help_text=_("Empty: the installation's own.")
    )
    smtp_port = forms.IntegerField(label=_("SMTP port"), min_value=1, max_value=65535, initial=587)
    smtp_security = forms.ChoiceField(label=_("SMTP security"), choices=SECURITY, initial="starttls")
    smtp_user = forms.CharField(label=_("SMTP user"), max_length=200, required=False)
    smtp_password = hidden(_("SMTP password"))

    def facts(self) -> MailboxFacts:
        """The cleaned values."""
        told = dict(self.cleaned_data)
        secrets = {name: told.pop(name) for name in SECRETS}
        name, enabled = told.pop("name"), told.pop("enabled")
        told["address"] = plain(told["address"])
        told["aliases"] = [plain(one) for one in told["aliases"].replace("，", ",").split(",") if one.strip()]
        return MailboxFacts(name, enabled, told, secrets)

    @staticmethod
    def initial_of(account: Account | None) -> dict[str, Any]:
        """What the form shows at first."""
        if account is None:
            return {}
        shown = {**account.config, "name": account.name, "enabled": account.enabled}
        return shown | {"aliases": ", ".join(account.config.get("aliases", []))}


class PlaceForm(forms.Form):
    """Whose a mail is."""

    customer: "forms.ModelChoiceField[Customer]" = forms.ModelChoiceField(
        Customer.objects.all(), to_field_name="ref", label=_("Customer"), empty_label=_("Choose a customer")
    )
    with_domain = forms.BooleanField(label=_("Everybody of this domain, from now on"), required=False)


class DomainForm(forms.Form):
    """A domain whose addresses are all one customer's."""

    domain = forms.CharField(label=_("Domain"), max_length=253)
    customer: "forms.ModelChoiceField[Customer]" = forms.ModelChoiceField(
        Customer.objects.all(), to_field_name="ref", label=_("Customer"), empty_label=_("Choose a customer")
    )
