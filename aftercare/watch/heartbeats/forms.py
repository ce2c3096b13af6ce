"""What people may fill in about a heartbeat."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from aftercare.accounts.access import apps_for, customers_for
from aftercare.accounts.models import App, Customer, User
from aftercare.kernel.errors import Refused
from aftercare.watch.heartbeats.checks import check
from aftercare.watch.heartbeats.queries import OWN
from aftercare.watch.heartbeats.spans import SpanField
from aftercare.watch.heartbeats.types import HeartbeatFacts
from aftercare.watch.models import Severity

# Before a customer's ref: no app of it in particular. No ref holds a colon.
ALL_OF = "all:"


class HeartbeatForm(forms.Form):
    """A heartbeat's settings; `facts` of the cleaned data holds them."""

    name = forms.CharField(max_length=80, label=pgettext_lazy("heartbeat", "Name"))
    every_s = SpanField(
        required=False,
        label=gettext_lazy("Expected every"),
        help_text=gettext_lazy("A span since the last success: 5 min, 1 h, 1 d. Leave it empty for a cron expression."),
    )
    cron = forms.CharField(
        required=False,
        max_length=100,
        label=gettext_lazy("Or by a cron expression"),
        help_text=gettext_lazy("Five fields, as the job's own: <code>30 2 * * 1-5</code>."),
    )
    timezone = forms.CharField(
        max_length=64,
        label=gettext_lazy("Time zone"),
        initial="Asia/Shanghai",
        help_text=gettext_lazy("On whose wall clock the expression is read."),
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    grace_s = SpanField(
        label=pgettext_lazy("heartbeat", "Grace"),
        initial=300,
        help_text=gettext_lazy("How much later it may come before somebody is called."),
    )
    longest_run_s = SpanField(
        required=False,
        label=gettext_lazy("Longest run"),
        help_text=gettext_lazy(
            "For jobs that tell when they begin: the end must follow in this time. Empty: the grace."
        ),
    )
    severity = forms.ChoiceField(choices=Severity.choices, label=gettext_lazy("Severity"), initial=Severity.WARNING)

    def clean(self) -> dict[str, Any]:
        """Add `facts`, or the sentence that refuses them."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        facts = HeartbeatFacts(**{name: cleaned[name] for name in HeartbeatFacts.__dataclass_fields__})
        try:
            check(facts)
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from None
        return {**cleaned, "facts": facts}


class NewHeartbeatForm(HeartbeatForm):
    """The same with whose it is."""

    field_order = ["name", "of"]

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["of"] = forms.ChoiceField(choices=owners(user), label=_("Whose"))
        self.order_fields(self.field_order)

    def owner(self) -> tuple[Customer | None, App | None]:
        """The chosen customer and app of a valid form; no customer for the provider's own."""
        chosen: str = self.cleaned_data["of"]
        if chosen == OWN:
            return None, None
        if chosen.startswith(ALL_OF):
            return customers_for(self.user).get(ref=chosen.removeprefix(ALL_OF)), None
        app = apps_for(self.user).get(ref=chosen)
        return app.customer, app


def owners(user: User) -> list[tuple[str, str]]:
    """Who a heartbeat can be for: the provider, for its own people; customers; apps."""
    own = [(OWN, _("Our own"))] if user.is_provider else []
    customers = [(f"{ALL_OF}{customer.ref}", customer.display_name) for customer in customers_for(user)]
    apps = [(app.ref, f"{app.customer.display_name} · {app.display_name}") for app in apps_for(user)]
    return [*own, *customers, *apps]
