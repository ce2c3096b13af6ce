"""What people may fill in at the desk."""

from django import forms
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.access import apps_for
from aftercare.accounts.models import App, User
from aftercare.desk.actions.locking import BODY_LIMIT
from aftercare.desk.models import Severity


class TicketForm(forms.Form):
    """A customer's report: what, how bad, where, and the facts an engineer asks for first."""

    title = forms.CharField(max_length=200, label=_("What happens?"))
    severity = forms.ChoiceField(choices=Severity.choices, initial=Severity.P3, label=_("How bad is it?"))
    app: "forms.ModelChoiceField[App]" = forms.ModelChoiceField(
        App.objects.none(), required=False, to_field_name="ref", label=_("App"), empty_label=_("Not about one app")
    )
    body = forms.CharField(max_length=BODY_LIMIT, widget=forms.Textarea(attrs={"rows": 8}), label=_("Details"))

    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["app"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = apps_for(user)
