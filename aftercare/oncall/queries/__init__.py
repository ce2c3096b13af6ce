"""Who is on duty, who is next, where nobody is, and how pages stand."""

from aftercare.oncall.queries.coverage import Coverage, coverage
from aftercare.oncall.queries.duty import Duty, duties, on_duty, schedule_duty
from aftercare.oncall.queries.figures import Disturbance, FirstStep, disturbances, first_steps, pages_between
from aftercare.oncall.queries.handovers import sign_ins_of, told_in_notes
from aftercare.oncall.queries.pages import deliveries_of_live_pages, live_pages, pages_for_phone, told_with
from aftercare.oncall.queries.people import taker_named, takers
from aftercare.oncall.queries.policy import (
    default_policy,
    policy_snapshot,
    schedules_of_customers,
    shortest_wait_s,
    warnings_about,
)
from aftercare.oncall.queries.reachability import Reachability, reachability, trial_calls_of
from aftercare.oncall.queries.settings import oncall_settings
from aftercare.oncall.queries.shifts import Shift, holes, shifts
from aftercare.oncall.queries.swaps import open_swaps

__all__ = [
    "Coverage",
    "Disturbance",
    "Duty",
    "FirstStep",
    "Reachability",
    "Shift",
    "coverage",
    "default_policy",
    "deliveries_of_live_pages",
    "disturbances",
    "duties",
    "first_steps",
    "holes",
    "live_pages",
    "on_duty",
    "oncall_settings",
    "open_swaps",
    "pages_between",
    "pages_for_phone",
    "policy_snapshot",
    "reachability",
    "schedule_duty",
    "schedules_of_customers",
    "shifts",
    "shortest_wait_s",
    "sign_ins_of",
    "taker_named",
    "takers",
    "told_in_notes",
    "told_with",
    "trial_calls_of",
    "warnings_about",
]
