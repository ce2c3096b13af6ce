"""What people may fill in about rules and hidden risks."""

import re
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from aftercare.accounts.access import apps_for, customers_for
from aftercare.accounts.models import App, Customer, User
from aftercare.kernel.errors import Refused
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.watch.heartbeats.forms import ALL_OF, owners
from aftercare.watch.models import Risk, RiskClosing, RiskKind, RiskRule, RiskSource
from aftercare.watch.risks.checks import check
from aftercare.watch.risks.people import chosen_owner, owner_choices, owner_value
from aftercare.watch.risks.queries import OWN
from aftercare.watch.risks.types import USUAL_LEADS, RiskFacts, facts_of

PLAIN = ("name", "kind", "source", "expires_on", "sdk_version", "metric", "limit", "falls", "unit")


def day_field(label: Any, **options: Any) -> forms.DateField:
    """A day, as the browser picks one."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, input_formats=["%Y-%m-%d"], **options)


class RuleForm(forms.Form):
    """A rule's settings; `facts` and `owner` of the cleaned data hold them."""

    name = forms.CharField(max_length=120, label=pgettext_lazy("risk", "Name"))
    kind = forms.ChoiceField(choices=RiskKind.choices, label=gettext_lazy("What runs out"))
    source = forms.ChoiceField(choices=RiskSource.choices, label=gettext_lazy("Known from"), initial=RiskSource.DATE)
    expires_on = day_field(
        gettext_lazy("Runs out on"),
        required=False,
        help_text=gettext_lazy("It counts from the beginning of that day, in UTC."),
    )
    sdk_version = forms.CharField(
        required=False,
        max_length=64,
        label=gettext_lazy("SDK version"),
        help_text=gettext_lazy("Exactly as sessions report it."),
    )
    metric = forms.CharField(
        required=False,
        max_length=210,
        label=gettext_lazy("Metric"),
        widget=forms.TextInput(attrs={"list": "metrics", "autocomplete": "off"}),
        help_text=gettext_lazy("A metric's key, or a measurement with how it is read: max(disk.used)."),
    )
    conditions = forms.CharField(
        required=False,
        max_length=700,
        label=gettext_lazy("Where"),
        help_text=gettext_lazy("Up to three conditions: host=edge-1, mount=/data."),
    )
    limit = forms.FloatField(
        required=False, label=gettext_lazy("Limit"), help_text=gettext_lazy("In the unit that the figures have.")
    )
    falls = forms.BooleanField(required=False, label=gettext_lazy("It runs down to the limit, as a balance does"))
    unit = forms.CharField(required=False, max_length=16, label=gettext_lazy("Unit"))
    lead_days = forms.CharField(
        max_length=40,
        label=gettext_lazy("Lead times"),
        initial=", ".join(map(str, USUAL_LEADS)),
        help_text=gettext_lazy("Days before: within the first it is found, within the last it is red."),
    )
    owner = forms.ChoiceField(
        required=False, label=gettext_lazy("Owner"), help_text=gettext_lazy("Who gets what it finds.")
    )

    def __init__(self, reader: User, *args: Any, rule: RiskRule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader, self.rule = reader, rule
        self.fields["owner"] = forms.ChoiceField(
            choices=owner_choices(reader, rule),
            required=False,
            label=self.fields["owner"].label,
            help_text=self.fields["owner"].help_text,
        )
        if rule is not None:
            self.fields["source"] = forms.ChoiceField(
                choices=[(rule.source, rule.get_source_display())], label=self.fields["source"].label
            )

    @staticmethod
    def initial_of(reader: User, rule: RiskRule) -> dict[str, Any]:
        """What the form shows of a rule."""
        kept = facts_of(rule).as_dict()
        said = ", ".join(f"{name}={value}" for name, value in sorted(rule.filters.items()))
        leads = ", ".join(map(str, rule.lead_days))
        return {**kept, "conditions": said, "lead_days": leads, "owner": owner_value(reader, rule)}

    def clean(self) -> dict[str, Any]:
        """Add `facts`, or the sentence that refuses them."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            facts = facts_from(cleaned)
            check(facts, *self.place(cleaned))
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from None
        owner = chosen_owner(self.reader, self.rule, cleaned["owner"])
        return {**cleaned, "facts": facts, "owner": owner}

    def place(self, cleaned: dict[str, Any]) -> tuple[Customer | None, App | None]:
        """Whose it is."""
        return (self.rule.customer, self.rule.app) if self.rule else (None, None)


class NewRuleForm(RuleForm):
    """The same with whose it is."""

    field_order = ("name", "of", "kind", "source")

    def __init__(self, reader: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(reader, *args, **kwargs)
        self.fields["of"] = forms.ChoiceField(choices=owners(reader), label=_("Whose"))
        self.order_fields(self.field_order)

    def place(self, cleaned: dict[str, Any]) -> tuple[Customer | None, App | None]:
        """The chosen customer and app; no customer for the provider's own."""
        chosen: str = cleaned["of"]
        if chosen == OWN:
            return None, None
        if chosen.startswith(ALL_OF):
            return customers_for(self.reader).get(ref=chosen.removeprefix(ALL_OF)), None
        app = apps_for(self.reader).get(ref=chosen)
        return app.customer, app


def facts_from(cleaned: dict[str, Any]) -> RiskFacts:
    """The settings that the source is about, whatever stood in the other fields. Raises Refused."""
    source = cleaned["source"]
    wanted = {"name", "kind", "source"}
    if source in (RiskSource.DATE, RiskSource.SDK):
        wanted |= {"expires_on", "sdk_version"} if source == RiskSource.SDK else {"expires_on"}
    if source in (RiskSource.METRIC, RiskSource.FIGURES):
        wanted |= {"limit", "falls", "unit"}
    filters: dict[str, str] = {}
    if source == RiskSource.METRIC:
        wanted |= {"metric"}
        filters = conditions_in(cleaned["conditions"])
        known = METRICS.get(cleaned["metric"])
        cleaned = {**cleaned, "unit": known.unit if known else cleaned["unit"]}
    settings = {name: cleaned[name] for name in PLAIN if name in wanted}
    return RiskFacts(**settings, lead_days=leads_in(cleaned["lead_days"]), filters=filters)


def leads_in(text: str) -> tuple[int, ...]:
    """`30, 14, 7` as numbers. Raises Refused for what is none."""
    parts = [part for part in re.split(r"[\s,，、;；]+", text.strip()) if part]
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        raise Refused(_("Lead times are whole days: 30, 14, 7."))
    return tuple(int(part) for part in parts)


def conditions_in(text: str) -> dict[str, str]:
    """`host=edge-1, mount=/data` as a mapping. Raises Refused for what is no condition."""
    found: dict[str, str] = {}
    for part in re.split(r"[,，]", text):
        if not part.strip():
            continue
        name, sign, value = part.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise Refused(_("A condition is a name, = and a value: host=edge-1."))
        found[name.strip()] = value.strip()
    return found


class TakingForm(forms.Form):
    """Who deals with a risk, and by when: that day's end, in UTC."""

    owner = forms.ChoiceField(required=False, label=gettext_lazy("Owner"))
    due_on = day_field(gettext_lazy("Deal with it by"))

    def __init__(self, reader: User, risk: Risk, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader, self.risk = reader, risk
        self.fields["owner"] = forms.ChoiceField(choices=owner_choices(reader, risk), required=False, label=_("Owner"))
        self.initial = {
            "owner": owner_value(reader, risk),
            "due_on": risk.due_at.astimezone(UTC).date(),
            **self.initial,
        }

    def chosen(self) -> tuple[User | None, datetime]:
        """The owner and the due time of a valid form; the day that stands already keeps its time."""
        day: date = self.cleaned_data["due_on"]
        same = day == self.risk.due_at.astimezone(UTC).date()
        due_at = self.risk.due_at if same else datetime.combine(day, time(23, 59, 59), UTC)
        return chosen_owner(self.reader, self.risk, self.cleaned_data["owner"]), due_at


class NoteForm(forms.Form):
    """A line of the history."""

    text = forms.CharField(max_length=2000, label=gettext_lazy("Note"), widget=forms.Textarea(attrs={"rows": 2}))


class ClosingForm(forms.Form):
    """Why a risk is closed."""

    closing = forms.ChoiceField(
        choices=[
            (RiskClosing.FIXED, gettext_lazy("Fixed: the next look will find it no more")),
            (RiskClosing.ACCEPTED, gettext_lazy("Accepted: we know, and live with it until a day")),
            (RiskClosing.UNTRUE, gettext_lazy("Not true: it was found wrongly")),
        ],
        label=gettext_lazy("How"),
    )
    reason = forms.CharField(
        required=False, max_length=2000, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2})
    )
    until = day_field(gettext_lazy("Accepted until"), required=False)


class FigureForm(forms.Form):
    """A figure as it is now, or was on a day."""

    value = forms.FloatField(label=gettext_lazy("Figure"))
