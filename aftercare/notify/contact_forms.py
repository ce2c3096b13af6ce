"""Forms of how a person is reached."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.accounts.models import User
from aftercare.notify.contacts import LATEST_RUNG_S, LOUD
from aftercare.notify.models import RINGING, Account, ContactMethod, Loudness

LOUDNESSES = [(value, label) for value, label in Loudness.choices]


def channels_of(user: User) -> list[tuple[str, str]]:
    """What rings, and has an account in use. Customers' people are reached by mail and webhook alone."""
    if not user.is_provider:
        return []
    in_use = set(Account.objects.filter(channel__in=RINGING, enabled=True).values_list("channel", flat=True))
    return [(channel.value, str(channel.label)) for channel in RINGING if channel in in_use]


class RingForm(forms.Form):
    """A phone or a chat of one's own."""

    channel = forms.ChoiceField(label=gettext_lazy("By"))
    address = forms.CharField(
        label=gettext_lazy("Number or id"),
        max_length=200,
        help_text=gettext_lazy(
            "A phone number with its country's code; in Feishu the open_id, mobile or e-mail; in DingTalk and WeCom "
            "the user id; in Slack the member id; in Telegram your id, after you wrote /start to the bot."
        ),
    )
    loudness = forms.ChoiceField(
        label=gettext_lazy("Made urgent"),
        choices=LOUDNESSES,
        required=False,
        help_text=gettext_lazy("Feishu urgent message or DingTalk DING; the vendor may charge for SMS and calls."),
    )
    after_s = forms.IntegerField(
        label=gettext_lazy("Seconds after the page"), min_value=0, max_value=LATEST_RUNG_S, initial=0
    )

    def __init__(self, *args: Any, channels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = channels  # type: ignore[attr-defined]


class QuietForm(forms.Form):
    """From when until when only what is urgent disturbs; both empty for never."""

    starts = forms.TimeField(
        label=gettext_lazy("From"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    ends = forms.TimeField(
        label=gettext_lazy("Until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def clean(self) -> dict[str, Any]:
        """One without the other says nothing."""
        said = super().clean() or {}
        if not self.errors and (said.get("starts") is None) != (said.get("ends") is None):
            raise forms.ValidationError(_("Give both times, or neither for no quiet hours."))
        return said


class LadderForm(forms.Form):
    """When each way is used, all of them at once."""

    def __init__(self, *args: Any, contacts: list[ContactMethod], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = contacts
        for contact in contacts:
            name = contact.address or str(contact.get_channel_display())
            self.fields[f"after_{contact.ref}"] = forms.IntegerField(
                min_value=0,
                max_value=LATEST_RUNG_S,
                initial=contact.after_s,
                widget=forms.NumberInput(
                    attrs={"class": "input", "aria-label": _("Seconds after the page: %(name)s") % {"name": name}}
                ),
            )
            if contact.channel in LOUD:
                self.fields[f"loudness_{contact.ref}"] = forms.ChoiceField(
                    choices=LOUDNESSES,
                    required=False,
                    initial=contact.loudness,
                    widget=forms.Select(
                        attrs={"class": "input", "aria-label": _("Made urgent: %(name)s") % {"name": name}}
                    ),
                )

    def rows(self) -> list[tuple[ContactMethod, forms.BoundField, forms.BoundField | None]]:
        """Each way with its fields, to lay out."""
        return [
            (one, self[f"after_{one.ref}"], self[f"loudness_{one.ref}"] if one.channel in LOUD else None)
            for one in self.contacts
        ]

    def rungs(self) -> list[tuple[ContactMethod, int, str]]:
        """Each way with its seconds and loudness."""
        said = self.cleaned_data
        return [(one, said[f"after_{one.ref}"], said.get(f"loudness_{one.ref}", "")) for one in self.contacts]
