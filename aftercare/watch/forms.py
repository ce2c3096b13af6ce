"""What people may fill in about a monitor."""

from collections import defaultdict
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from aftercare.accounts.access import Visitor, apps_for, customers_for
from aftercare.accounts.models import App, Customer
from aftercare.kernel.errors import Refused
from aftercare.telemetry import words
from aftercare.telemetry.schema.catalog import METRICS, Metric
from aftercare.telemetry.schema.columns import DIMENSIONS
from aftercare.telemetry.schema.measured import measurement_of
from aftercare.watch.checks import LONGEST_VALUE, MOST_FILTERS, MOST_WINDOWS, check
from aftercare.watch.engine.rules import FEWEST_EVENTS, is_share_of_events
from aftercare.watch.models import KINDS_WITH_THRESHOLD, Comparison, Kind, NoData, Sensitivity, Severity
from aftercare.watch.types import MonitorFacts
from aftercare.watch.words import floor_words

PLACES = range(1, MOST_FILTERS + 1)
# Before a customer's ref: all its apps. No ref holds a colon.
ALL_OF = "all:"


class MonitorForm(forms.Form):
    """A monitor's settings in the units that people read; `facts` gives them in the metric's own."""

    metric = forms.ChoiceField(label=gettext_lazy("Metric"))
    kind = forms.ChoiceField(choices=Kind.choices, label=gettext_lazy("Held against"), initial=Kind.THRESHOLD)
    comparison = forms.ChoiceField(choices=Comparison.choices, label=gettext_lazy("Trouble lies"))
    threshold = forms.FloatField(required=False, label=gettext_lazy("Threshold"))
    sensitivity = forms.ChoiceField(
        choices=Sensitivity.choices, label=gettext_lazy("Sensitivity"), initial=Sensitivity.NORMAL
    )
    severity = forms.ChoiceField(choices=Severity.choices, label=gettext_lazy("Severity"), initial=Severity.WARNING)
    window_s = forms.IntegerField(label=gettext_lazy("Window, seconds"), initial=60)
    min_volume = forms.FloatField(required=False, label=gettext_lazy("Volume floor"))
    fire_after = forms.IntegerField(label=gettext_lazy("Windows in a row to alert"), initial=2)
    resolve_after = forms.IntegerField(label=gettext_lazy("Windows in a row to close"), initial=6)
    no_data = forms.ChoiceField(choices=NoData.choices, label=gettext_lazy("No data means"), initial=NoData.KEEP)
    enabled = forms.BooleanField(
        required=False, initial=True, label=pgettext_lazy("monitor", "Switched on"), help_text=""
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose_subject()
        for place in PLACES:
            self.fields[f"dimension{place}"] = self.condition_field(_("Condition %(n)d") % {"n": place})
            self.fields[f"value{place}"] = forms.CharField(
                required=False, max_length=LONGEST_VALUE, label=_("Value of condition %(n)d") % {"n": place}
            )
        self.explain()
        for name in ("fire_after", "resolve_after"):
            self.fields[name].widget.attrs.update(min=1, max=MOST_WINDOWS)

    def choose_subject(self) -> None:
        """Give the field of what is watched its choices."""
        metrics = [(key, words.metric_name(metric)) for key, metric in METRICS.items()]
        self.fields["metric"] = forms.ChoiceField(choices=metrics, label=self.fields["metric"].label)

    def condition_field(self, label: str) -> forms.Field:
        """The field of what a condition is about."""
        dimensions = [("", _("no condition")), *((name, str(words.DIMENSIONS[name])) for name in DIMENSIONS)]
        return forms.ChoiceField(choices=dimensions, required=False, label=label)

    def explain(self) -> None:
        """Say units and the metric's own floor under the fields."""
        metric = METRICS.get(str(self["metric"].value() or ""))
        windows = _("A window is looked at every 5 seconds.")
        self.fields["fire_after"].help_text = windows
        self.fields["window_s"].help_text = _("10 to 3600, in steps of 10; counts of distinct users from 60.")
        if metric is None:
            return
        unit = words.unit_of(metric)
        self.fields["threshold"].help_text = _("In %(unit)s.") % {"unit": unit} if unit else ""
        if metric.minimum_volume:
            self.fields["min_volume"].help_text = _(
                "Below it there is no verdict. Empty takes the metric's own: %(floor)s."
            ) % {"floor": own_floor(metric)}

    @property
    def conditions(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of the conditions, two by two."""
        return [(self[f"dimension{place}"], self[f"value{place}"]) for place in PLACES]

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """The other fields in their order."""
        return [field for field in self.visible_fields() if not field.name.startswith(("dimension", "value"))]

    def clean(self) -> dict[str, Any]:
        """Add `facts`, or the sentence that refuses them."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        has_threshold = cleaned["kind"] in KINDS_WITH_THRESHOLD
        if not has_threshold:
            cleaned["threshold"] = None
        elif cleaned["threshold"] is None:
            self.add_error("threshold", _("This kind of rule needs a number."))
            return cleaned
        try:
            facts = self.facts_from(cleaned)
            check(facts)
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from None
        return {**cleaned, "facts": facts}

    def facts_from(self, cleaned: dict[str, Any]) -> MonitorFacts:
        """The settings that a filled-in form gives. Raises Refused."""
        return facts_from(cleaned)


class NewMonitorForm(MonitorForm):
    """The same with the app it is for, or the customer whose apps it is for."""

    def __init__(self, user: Visitor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["app"] = forms.ChoiceField(choices=places_for(user), label=_("App"))
        self.order_fields(["app"])

    def place(self) -> App | Customer:
        """The chosen app of a form, or the customer all of whose apps were chosen."""
        chosen: str = self.cleaned_data["app"]
        if chosen.startswith(ALL_OF):
            return customers_for(self.user).get(ref=chosen.removeprefix(ALL_OF))
        return apps_for(self.user).get(ref=chosen)


def places_for(user: Visitor) -> list[Any]:
    """What a rule can be for, as a select wants it: each customer's apps under its name, all of them first."""
    apps: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for app in apps_for(user):
        apps[app.customer_id].append((app.ref, app.display_name))
    places: list[Any] = [("", _("Choose an app"))]
    for customer in customers_for(user):
        if customer.pk in apps:
            every = (ALL_OF + customer.ref, _("all apps of %(customer)s") % {"customer": customer.display_name})
            places.append((customer.display_name, [every, *apps[customer.pk]]))
    return places


def own_floor(metric: Metric) -> str:
    """The metric's own floor in words: `25 attempts, 5 of them on the wrong side`."""
    least = floor_words(metric, metric.minimum_volume)
    if not is_share_of_events(metric):
        return least
    return _("%(floor)s, at least %(few)d of them on the wrong side") % {"floor": least, "few": FEWEST_EVENTS}


def facts_from(cleaned: dict[str, Any]) -> MonitorFacts:
    """The settings in the metric's units. Raises Refused for a condition said twice or without its value."""
    metric = METRICS[cleaned["metric"]]
    floor = cleaned["min_volume"]
    settings = {name: cleaned[name] for name in MonitorFacts.__dataclass_fields__ if name in cleaned}
    if cleaned["threshold"] is not None:
        settings["threshold"] = cleaned["threshold"] * per_shown(metric)
    settings["min_volume"] = None if floor is None else floor / words.volume_of(metric, 1)
    return MonitorFacts(**settings, filters=filters_from(cleaned))


def filters_from(cleaned: dict[str, Any]) -> dict[str, str]:
    """The conditions that were filled in."""
    filters: dict[str, str] = {}
    for place in PLACES:
        dimension, value = cleaned[f"dimension{place}"], cleaned[f"value{place}"]
        if value and not dimension:
            raise Refused(_("Say which dimension must be “%(value)s”.") % {"value": value})
        if dimension in filters:
            raise Refused(_("A dimension can be used in one condition only."))
        if dimension:
            filters[dimension] = value
    return filters


def initial_from(facts: MonitorFacts) -> dict[str, Any]:
    """What the form shows for these settings."""
    metric = METRICS.get(facts.metric)
    initial = facts.as_dict()
    for place, (dimension, value) in zip(PLACES, sorted(facts.filters.items()), strict=False):
        initial |= {f"dimension{place}": dimension, f"value{place}": value}
    measurement = measurement_of(facts.metric)
    if measurement is not None:
        initial |= {"measurement": measurement.name, "reading": measurement.reading}
    if metric is not None:
        initial["threshold"] = None if facts.threshold is None else plain(facts.threshold / per_shown(metric))
        floor = facts.min_volume
        initial["min_volume"] = None if floor is None else plain(words.volume_of(metric, floor))
    return initial


def per_shown(metric: Metric) -> float:
    """How many of the metric's own units one shown unit is."""
    return 1 / (words.shown_value(metric, 1.0) or 1.0)


def plain(value: float) -> float | int:
    """A whole number without its `.0`."""
    return int(value) if value == int(value) else value
