"""Forms of the resource map."""

from django import forms
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models import App, Customer
from aftercare.accounts.models.key import DEFAULT_QUOTA_LINES_PER_S
from aftercare.telemetry.models import Resource


class ResourceForm(forms.Form):
    """A new resource."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Resource.Kind.choices)
    name = forms.CharField(
        label=_("Name"), max_length=128, help_text=_("As sessions report it in `edge`, `cdn` or `domain`.")
    )
    parent = forms.ModelChoiceField(label=_("Part of"), queryset=Resource.objects.all(), required=False)


class ServesForm(forms.Form):
    """A customer, or one app of it, that a resource serves."""

    customer = forms.ModelChoiceField(label=_("Customer"), queryset=Customer.objects.all())
    app = forms.ModelChoiceField(
        label=_("App"), queryset=App.objects.select_related("customer"), required=False, empty_label=_("All apps")
    )


class ResourceKeyForm(forms.Form):
    """A new ingest key of a resource."""

    label = forms.CharField(label=_("Label"), max_length=80)
    quota_lines_per_s = forms.IntegerField(
        label=_("Quota, lines per second"), min_value=1, max_value=1_000_000, initial=DEFAULT_QUOTA_LINES_PER_S
    )
