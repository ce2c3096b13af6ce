"""The sentences that refuse settings of a rule, figures and closings that make no sense."""

import math
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from aftercare.accounts.models import App, Customer
from aftercare.kernel.errors import Refused
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.schema.measured import measurement_of
from aftercare.watch.checks import LONGEST_VALUE, check_choice, check_filters, check_labels
from aftercare.watch.models import RiskKind, RiskSource
from aftercare.watch.risks.types import RiskFacts

MOST_LEADS, FURTHEST_LEAD = 5, 365
LARGEST = 1e15
# A figure of the future says nothing, one older than the history is looked at by nobody.
AHEAD, BEHIND = timedelta(minutes=10), timedelta(days=365)
LONGEST_ACCEPTANCE = timedelta(days=366)
LONGEST_TEXT = 2000
PROBED = (RiskKind.CERTIFICATE, RiskKind.DOMAIN)


def check(facts: RiskFacts, customer: Customer | None, app: App | None) -> None:
    """Raise Refused with the sentence for the first setting that makes no sense."""
    if not facts.name.strip() or len(facts.name) > 120 or not facts.name.isprintable():
        raise Refused(_("A name must be 1 to %(most)d visible characters.") % {"most": 120})
    check_choice(facts.kind, RiskKind.values)
    check_choice(facts.source, RiskSource.values)
    check_leads(facts.lead_days)
    match facts.source:
        case RiskSource.PROBES:
            if facts.kind not in PROBED:
                raise Refused(_("Probes see when certificates and domains run out: choose one of these kinds."))
        case RiskSource.DATE | RiskSource.SDK:
            if facts.expires_on is None or not 2000 <= facts.expires_on.year <= 2200:
                raise Refused(_("Say on which day it runs out."))
        case _:
            check_limit(facts)
    if facts.source == RiskSource.SDK and not (0 < len(facts.sdk_version) <= 64 and facts.sdk_version.isprintable()):
        raise Refused(_("Say which version it is, as the SDK reports it."))
    if facts.source == RiskSource.METRIC:
        check_metric(facts, customer)


def check_leads(leads: tuple[int, ...]) -> None:
    """Raise Refused for lead times that do not come closer."""
    in_order = list(leads) == sorted(set(leads), reverse=True)
    if not 1 <= len(leads) <= MOST_LEADS or not in_order or not all(1 <= lead <= FURTHEST_LEAD for lead in leads):
        raise Refused(
            _("Lead times are 1 to %(most)d numbers of days from 1 to %(furthest)d, the longest first: 30, 14, 7.")
            % {"most": MOST_LEADS, "furthest": FURTHEST_LEAD}
        )


def check_limit(facts: RiskFacts) -> None:
    """Raise Refused for a limit that is no number."""
    if facts.limit is None or not is_figure(facts.limit):
        raise Refused(_("Say the limit: a number."))
    if len(facts.unit) > 16 or (facts.unit and not facts.unit.isprintable()):
        raise Refused(_("A unit has at most 16 visible characters."))


def check_metric(facts: RiskFacts, customer: Customer | None) -> None:
    """Raise Refused for a metric that does not exist, or that nobody has."""
    if customer is None:
        raise Refused(_("A metric is a customer's: say whose."))
    measurement = measurement_of(facts.metric)
    if measurement is None and facts.metric not in METRICS:
        raise Refused(_("There is no metric %(name)s.") % {"name": repr(facts.metric[:LONGEST_VALUE])})
    if measurement is None:
        check_filters(facts.filters)
    else:
        check_labels(measurement, facts.filters)


def is_figure(value: float) -> bool:
    """Whether a number can be a figure."""
    return math.isfinite(value) and abs(value) <= LARGEST


def check_reading(value: float, at: datetime, now: datetime) -> None:
    """Raise Refused for a figure that is none, or of a time that says nothing."""
    if not is_figure(value):
        raise Refused(_("A figure is a number."))
    if not now - BEHIND <= at <= now + AHEAD:
        raise Refused(_("A figure is of the last year, and not of the future."))


def check_text(text: str, *, needed: bool) -> str:
    """The text without spaces around it. Raises Refused where it is needed and missing, or too long."""
    text = text.strip()
    if needed and not text:
        raise Refused(_("Say why."))
    if len(text) > LONGEST_TEXT:
        raise Refused(_("At most %(n)d characters.") % {"n": LONGEST_TEXT})
    return text


def check_until(until: date | None, now: datetime) -> date:
    """The day until which a risk is accepted. Raises Refused where there is none, or it is too far away."""
    if until is None or not now.date() < until <= (now + LONGEST_ACCEPTANCE).date():
        raise Refused(_("Say until when it is accepted: a day from tomorrow on, within a year."))
    return until
