"""What can be done with pages and with the schedule."""

from aftercare.oncall.actions.pages import (
    acknowledge_page,
    close_page,
    escalate_page,
    hold_page,
    illustrate_page,
    note_seen,
    note_subject_seen,
    start_page,
)
from aftercare.oncall.actions.schedule import (
    add_override,
    remove_override,
    save_policy,
    save_rotation,
    set_customer_rotation,
)

__all__ = [
    "acknowledge_page",
    "add_override",
    "close_page",
    "escalate_page",
    "hold_page",
    "illustrate_page",
    "note_seen",
    "note_subject_seen",
    "remove_override",
    "save_policy",
    "save_rotation",
    "set_customer_rotation",
    "start_page",
]
