"""What staff fill in about a chat widget."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models import Customer
from aftercare.clocks.models import Calendar
from aftercare.desk.actions.chat_widgets import WidgetFacts
from aftercare.desk.models import ChatWidget


class ChatWidgetForm(forms.Form):
    """A widget, new or known."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("For us alone: which site it is on."))
    customer: "forms.ModelChoiceField[Customer]" = forms.ModelChoiceField(
        Customer.objects.all(),
        label=_("Customer"),
        required=False,
        to_field_name="ref",
        empty_label=_("All customers (each visitor's identity says which)"),
        help_text=_("Whose site it is on. Chats become this customer's tickets."),
    )
    origins = forms.CharField(
        label=_("Sites that may show it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "https://console.example.com"}),
        help_text=_("One a line. Browsers refuse to show the window anywhere else."),
    )
    anonymous = forms.BooleanField(label=_("Anyone may write, without an identity"), required=False)
    greeting = forms.CharField(label=_("Greeting"), max_length=300, required=False)
    greeting_zh = forms.CharField(label=_("Greeting in Chinese"), max_length=300, required=False)
    calendar: "forms.ModelChoiceField[Calendar]" = forms.ModelChoiceField(
        Calendar.objects.all(),
        label=_("Opening hours"),
        required=False,
        to_field_name="ref",
        empty_label=_("Around the clock"),
    )
    reply_within_min = forms.IntegerField(
        label=_("First answer within (minutes of opening hours)"),
        min_value=1,
        max_value=10_080,
        initial=60,
        help_text=_("When nobody is on, visitors are told this as “we will answer by”, and a clock holds us to it."),
    )
    enabled = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def facts(self) -> WidgetFacts:
        """The cleaned values."""
        told = dict(self.cleaned_data)
        origins = tuple(line for line in told.pop("origins").split() if line)
        return WidgetFacts(origins=origins, reply_within_s=told.pop("reply_within_min") * 60, **told)

    @staticmethod
    def initial_of(widget: ChatWidget | None) -> dict[str, Any]:
        """What the form shows at first."""
        if widget is None:
            return {}
        same = ("name", "anonymous", "greeting", "greeting_zh", "enabled")
        return {
            **{field: getattr(widget, field) for field in same},
            "customer": widget.customer,
            "calendar": widget.calendar,
            "origins": "\n".join(widget.origins),
            "reply_within_min": max(widget.reply_within_s // 60, 1),
        }
