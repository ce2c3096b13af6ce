"""The form that corrects an incident."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from aftercare.incidents.editing.actions import REASON_AT_MOST, TITLE_AT_MOST, Facts, as_told
from aftercare.incidents.models import Severity


class EditForm(forms.Form):
    """Title, severity and why; `seen_…` is what the incident said when the form was drawn."""

    title_zh = forms.CharField(
        label=gettext_lazy("What is broken, in Chinese"), max_length=TITLE_AT_MOST, required=False
    )
    title = forms.CharField(label=gettext_lazy("What is broken, in English"), max_length=TITLE_AT_MOST, required=False)
    severity = forms.ChoiceField(label=gettext_lazy("Severity"), choices=Severity.choices)
    reason = forms.CharField(
        label=gettext_lazy("Why the severity changes"),
        max_length=REASON_AT_MOST,
        required=False,
        help_text=gettext_lazy("Colleagues read it in the timeline; customers do not."),
    )
    wakes = forms.BooleanField(
        label=gettext_lazy("Raised to red: wake whoever is on duty"), required=False, initial=True
    )
    seen_title = forms.CharField(widget=forms.HiddenInput, required=False)
    seen_title_zh = forms.CharField(widget=forms.HiddenInput, required=False)
    seen_severity = forms.CharField(widget=forms.HiddenInput)

    def said(self) -> Facts:
        """What it should say."""
        return Facts(*(self.cleaned_data[name] for name in ("title", "title_zh", "severity")))

    def seen(self) -> Facts:
        """What it said when it was looked at."""
        return Facts(*(self.cleaned_data[f"seen_{name}"] for name in ("title", "title_zh", "severity")))

    def after(self, present: Facts) -> "EditForm":
        """The same words in a form that has seen what it says by now."""
        told: dict[str, Any] = {name: self.cleaned_data[name] for name in ("title", "title_zh", "severity", "reason")}
        return EditForm(initial={**told, "wakes": self.cleaned_data["wakes"], **as_told(present)})
