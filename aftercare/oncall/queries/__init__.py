"""Who is on duty, who is next, where nobody is, and how pages stand."""

from aftercare.oncall.queries.duty import Duty, duties, on_duty, rotation_duty
from aftercare.oncall.queries.pages import deliveries_of_live_pages, live_pages, pages_for_phone
from aftercare.oncall.queries.policy import (
    default_policy,
    policy_snapshot,
    rotations_of_customers,
    shortest_wait_s,
    warnings_about,
)
from aftercare.oncall.queries.shifts import Shift, holes, shifts

__all__ = [
    "Duty",
    "Shift",
    "default_policy",
    "deliveries_of_live_pages",
    "duties",
    "holes",
    "live_pages",
    "on_duty",
    "pages_for_phone",
    "policy_snapshot",
    "rotation_duty",
    "rotations_of_customers",
    "shifts",
    "shortest_wait_s",
    "warnings_about",
]
