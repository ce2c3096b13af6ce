"""The forms of the status pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aftercare.incidents.status.keeping import ComponentFacts, PublicFacts
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.watch.words import name_of


class Said(forms.Form):
    """What both forms have."""

    def first_error(self) -> str:
        """The first thing that is wrong, as a sentence."""
        return str(next(iter(self.errors.values()))[0])


class PublicForm(Said):
    """The public page."""

    name_zh = forms.CharField(label=_("Name, in Chinese"), max_length=120, required=False)
    name = forms.CharField(label=_("Name, in English"), max_length=120, required=False)
    timezone = forms.CharField(label=_("Time zone"), max_length=64)
    publish_from = forms.IntegerField(
        label=_("A red incident stands on it by itself once it touches so many customers (empty: never)"),
        required=False,
        min_value=2,
        max_value=10_000,
    )

    def facts(self) -> PublicFacts:
        """What the action takes."""
        return PublicFacts(**self.cleaned_data)


class ComponentForm(Said):
    """One line of the pages."""

    name_zh = forms.CharField(label=_("Name, in Chinese"), max_length=60, required=False)
    name = forms.CharField(label=_("Name, in English"), max_length=60, required=False)
    metric = forms.ChoiceField(label=_("Measured by"), required=False)
    place = forms.IntegerField(label=_("Place"), min_value=1, max_value=999, initial=1)
    on_public = forms.BooleanField(label=_("on the public page"), required=False, initial=True)
    on_private = forms.BooleanField(label=_("on customers' pages"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(key, name_of(key)) for key in METRICS]
        self.fields["metric"].choices = [("", _("nothing: people say how it is")), *named]  # type: ignore[attr-defined]

    def facts(self) -> ComponentFacts:
        """What the action takes."""
        return ComponentFacts(**self.cleaned_data)
