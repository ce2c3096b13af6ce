"""The sentences that refuse settings of a monitor which make no sense."""

import math

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused
from aftercare.telemetry.schema.catalog import METRICS, Metric
from aftercare.telemetry.schema.columns import DIMENSIONS
from aftercare.telemetry.schema.cuts import CUTS, cut_for
from aftercare.telemetry.schema.measured import Measurement, measurement_of
from aftercare.watch.models import KINDS_WITH_THRESHOLD, Comparison, Kind, NoData, Sensitivity, Severity
from aftercare.watch.paces import PACES
from aftercare.watch.types import MonitorFacts

SHORTEST_WINDOW_S, LONGEST_WINDOW_S = 10, 3600
# Distinct users are counted from one minute up; who is present is told by reports of up to 30 s.
SHORTEST_WINDOW_BY_MINUTES_S = 60
MOST_WINDOWS = 720
MOST_FILTERS = 3
LONGEST_VALUE = 200
LONGEST_NAME = 200


def check(facts: MonitorFacts) -> None:
    """Raise Refused with the sentence for the first setting that makes no sense."""
    metric, measurement = METRICS.get(facts.metric), measurement_of(facts.metric)
    if metric is None and measurement is None:
        raise Refused(_("There is no metric %(name)s.") % {"name": repr(facts.metric)})
    check_choice(facts.kind, Kind.values)
    check_choice(facts.sensitivity, Sensitivity.values)
    check_threshold(facts, metric)
    if facts.min_volume is not None and not (math.isfinite(facts.min_volume) and facts.min_volume >= 0):
        raise Refused(_("The volume floor must be a number, 0 or more."))
    check_window(facts.window_s, by_minutes=metric is not None and (metric.distinct or metric.per_bucket))
    if measurement is None:
        check_filters(facts.filters)
    else:
        check_labels(measurement, facts.filters)
    for count in (facts.fire_after, facts.resolve_after):
        if not 1 <= count <= MOST_WINDOWS:
            raise Refused(_("The number of windows in a row lies between 1 and %(most)d.") % {"most": MOST_WINDOWS})
    check_choice(facts.comparison, Comparison.values)
    check_choice(facts.severity, Severity.values)
    check_choice(facts.no_data, NoData.values)


def check_threshold(facts: MonitorFacts, metric: Metric | None) -> None:
    """Raise Refused for a number that is missing, too much, or impossible for the rule's kind."""
    has_one = facts.kind in KINDS_WITH_THRESHOLD
    if has_one and (facts.threshold is None or not math.isfinite(facts.threshold)):
        raise Refused(_("The threshold must be a number."))
    if not has_one and facts.threshold is not None:
        raise Refused(_("A rule of this kind has no threshold."))
    if metric is not None and metric.unit == "%" and facts.threshold is not None and not 0 <= facts.threshold <= 100:
        raise Refused(_("The threshold of a percentage lies between 0 and 100."))
    if facts.kind == Kind.BURN_RATE or (facts.kind == Kind.ANOMALY and metric is not None):
        check_kept_past(facts, metric)
    if facts.kind == Kind.BURN_RATE:
        check_objective(facts, metric)


def check_kept_past(facts: MonitorFacts, metric: Metric | None) -> None:
    """Raise Refused where no rollup keeps the past that a rule of this kind is judged by."""
    if metric is None:
        raise Refused(_("Only metrics of the catalog can have an objective."))
    if cut_for(set(facts.filters)) is None:
        cuts = ", ".join(cut for cut in CUTS if cut)
        raise Refused(_("No past is kept under these conditions. One of these can be had: %(cuts)s.") % {"cuts": cuts})


def check_objective(facts: MonitorFacts, metric: Metric | None) -> None:
    """Raise Refused for an objective without a budget, and for one whose budget can never be used up that fast."""
    if metric is None or metric.unit != "%":
        raise Refused(_("An objective is a percentage: choose a metric in %."))
    is_above = facts.comparison == Comparison.ABOVE
    budget = (facts.threshold or 0) if is_above else 100 - (facts.threshold or 0)
    slowest = min(pace.burn for pace in PACES[Severity(facts.severity)])
    if budget <= 0:
        raise Refused(
            _("An objective of %(limit)s leaves nothing that may go wrong.") % {"limit": f"{facts.threshold}%"}
        )
    if slowest * budget >= 100:
        raise Refused(
            _(
                "With this objective %(budget)s%% may go wrong: even if all did, that is not %(pace)s times as fast as"
                " allowed. Take a warning, or a plain limit."
            )
            % {"budget": f"{budget:g}", "pace": f"{slowest:g}"}
        )


def check_window(window_s: int, *, by_minutes: bool) -> None:
    """Raise Refused for a window that the rollups cannot give."""
    step = shortest = SHORTEST_WINDOW_BY_MINUTES_S if by_minutes else SHORTEST_WINDOW_S
    if not shortest <= window_s <= LONGEST_WINDOW_S or window_s % step:
        raise Refused(
            _("The window is %(shortest)d to %(longest)d seconds in steps of %(step)d for this metric, not %(given)d.")
            % {"shortest": shortest, "longest": LONGEST_WINDOW_S, "step": step, "given": window_s}
        )


def check_filters(filters: dict[str, str]) -> None:
    """Raise Refused for a dimension that does not exist, or a value that no report can have."""
    if len(filters) > MOST_FILTERS:
        raise Refused(_("A rule has at most %(most)d conditions.") % {"most": MOST_FILTERS})
    for dimension, value in filters.items():
        if dimension not in DIMENSIONS:
            known = ", ".join(DIMENSIONS)
            raise Refused(
                _("There is no dimension %(name)s; there are: %(known)s.") % {"name": repr(dimension), "known": known}
            )
        if not value or len(value) > LONGEST_VALUE or not value.isprintable():
            raise Refused(
                _("The value of %(dimension)s must be 1 to %(most)d visible characters.")
                % {"dimension": dimension, "most": LONGEST_VALUE}
            )


def check_labels(measurement: Measurement, labels: dict[str, str]) -> None:
    """Raise Refused for a name or label that no series can have."""
    if len(labels) > MOST_FILTERS:
        raise Refused(_("A rule has at most %(most)d conditions.") % {"most": MOST_FILTERS})
    for text, longest in ((measurement.name, LONGEST_NAME), *((label, LONGEST_NAME) for label in labels)):
        if not text or len(text) > longest or not text.isprintable():
            raise Refused(_("A name must be 1 to %(most)d visible characters.") % {"most": longest})
    for label, value in labels.items():
        if not value or len(value) > LONGEST_VALUE or not value.isprintable():
            raise Refused(
                _("The value of %(dimension)s must be 1 to %(most)d visible characters.")
                % {"dimension": label, "most": LONGEST_VALUE}
            )


def check_choice(value: str, choices: list[str]) -> None:
    """Raise Refused for a value that is none of the choices."""
    if value not in choices:
        known = ", ".join(choices)
        raise Refused(_("%(value)s is none of: %(known)s.") % {"value": repr(value), "known": known})
