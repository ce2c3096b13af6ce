"""The form that opens an incident by hand."""

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.accounts.models import Customer
from aftercare.desk.models import Emergency, Ticket
from aftercare.incidents.models import Severity


class DeclareForm(forms.Form):
    """What is broken, how badly, for whom, and whether somebody is woken."""

    title_zh = forms.CharField(label=gettext_lazy("What is broken, in Chinese"), max_length=200, required=False)
    title = forms.CharField(label=gettext_lazy("What is broken, in English"), max_length=200, required=False)
    severity = forms.ChoiceField(
        label=gettext_lazy("Severity"),
        choices=Severity.choices,
        help_text=gettext_lazy("Red: users cannot use it, or every minute counts. Warning: it can wait for the day."),
    )
    customers = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Customers touched"),
        queryset=Customer.objects.order_by("name"),
        to_field_name="ref",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy("More can be added later. They hear of it with the first update."),
    )
    wakes = forms.BooleanField(label=gettext_lazy("Wake whoever is on duty"), required=False)
    tickets = forms.ModelMultipleChoiceField(
        queryset=Ticket.objects.select_related("customer"),
        to_field_name="ref",
        required=False,
        widget=forms.MultipleHiddenInput,
    )
    token = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """One of the two titles is enough."""
        said = super().clean() or {}
        if not self.errors and not said.get("title") and not said.get("title_zh"):
            raise forms.ValidationError(_("Say in one sentence what is broken."))
        return said


def form_about(tickets: list[Ticket]) -> DeclareForm:
    """A new form, with what these tickets say. Whoever is on duty is in a war room already: it wakes nobody again."""
    first = tickets[0] if tickets else None
    is_war_room = Emergency.objects.filter(ticket__in=tickets, downgraded_at=None).exists()
    return DeclareForm(
        initial={
            "title": first.title if first else "",
            "title_zh": first.title_zh if first else "",
            "severity": Severity.RED,
            "tickets": [ticket.ref for ticket in tickets],
            "wakes": not is_war_room,
            "token": secrets.token_hex(16),
        }
    )
