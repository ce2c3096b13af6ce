"""What people may fill in about a monitor of a measurement that is kept under its own name."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.accounts.models import App
from aftercare.kernel.clock import utc_now
from aftercare.telemetry import words
from aftercare.telemetry.schema.measured import Measurement
from aftercare.watch.checks import LONGEST_NAME
from aftercare.watch.forms import MonitorForm, NewMonitorForm, filters_from
from aftercare.watch.queries import unit_told
from aftercare.watch.types import AllApps, MonitorFacts

USUAL_WINDOW_S = 120


class MeasurementForm(MonitorForm):
    """A monitor's settings: a name, how it is read, labels as conditions, the threshold in the series' own unit."""

    metric = None  # type: ignore[assignment]  # Django takes the field of the class above away
    measurement = forms.CharField(max_length=LONGEST_NAME, label=gettext_lazy("Measurement"), strip=True)
    reading = forms.ChoiceField(label=gettext_lazy("Read as"))
    field_order = ("app", "measurement", "reading")

    def __init__(self, *args: Any, asked_of: App | AllApps | None = None, **kwargs: Any) -> None:
        self._asked_of = asked_of
        super().__init__(*args, **kwargs)

    def choose_subject(self) -> None:
        """The ways of reading, and what each is for."""
        self.fields["reading"] = forms.ChoiceField(
            choices=list(words.READ_AS.items()),
            label=self.fields["reading"].label,
            help_text=_("Mean to sum are for gauges, per second for what counts, quantiles for histograms."),
        )
        self.order_fields(self.field_order)

    def condition_field(self, label: str) -> forms.Field:
        """A label's name, as the sender writes it."""
        return forms.CharField(required=False, max_length=LONGEST_NAME, label=label)

    def explain(self) -> None:
        """Say what the numbers are in; a window holds two points of what is sent once a minute."""
        self.fields["window_s"].initial = USUAL_WINDOW_S
        self.fields["measurement"].help_text = _("The name exactly as it is sent.")
        self.fields["fire_after"].help_text = _("A window is looked at every 5 seconds.")
        self.fields["window_s"].help_text = _(
            "10 to 3600, in steps of 10; twice the senders' pause or more, or a window may hold no point."
        )
        self.fields["threshold"].help_text = _("In the sender's own unit: seconds, bytes; per second for rates.")
        self.fields["min_volume"].help_text = _("The least number of points for a verdict. Empty: one.")

    def asked_of(self) -> App | AllApps:
        """Whose measurement it is."""
        if self._asked_of is None:
            raise ValueError("a form for an existing rule is told whose measurement it is about")
        return self._asked_of

    def facts_from(self, cleaned: dict[str, Any]) -> MonitorFacts:
        """The settings, with the unit that the sender tells now. Raises Refused for a condition said twice."""
        measurement = Measurement(cleaned["reading"], cleaned["measurement"])
        settings = {name: cleaned[name] for name in MonitorFacts.__dataclass_fields__ if name in cleaned}
        unit = unit_told(self.asked_of(), measurement, utc_now())
        return MonitorFacts(**settings, metric=measurement.key, unit=unit, filters=filters_from(cleaned))


class NewMeasurementForm(MeasurementForm, NewMonitorForm):
    """The same with the app it is for, or the customer whose apps it is for."""

    def asked_of(self) -> App | AllApps:
        """What was chosen."""
        place = self.place()
        return place if isinstance(place, App) else AllApps(place.pk)
