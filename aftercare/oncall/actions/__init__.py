"""What can be done with pages and with the schedules."""

from aftercare.oncall.actions.changes import (
    add_change,
    ask_swap,
    give_swap_back,
    remove_change,
    take_swap,
    withdraw_swap,
)
from aftercare.oncall.actions.escalation import Rung, remove_rule, save_rule, save_rungs
from aftercare.oncall.actions.feeds import make_feed, note_read, remove_feed
from aftercare.oncall.actions.handovers import sign_in, write_note
from aftercare.oncall.actions.holes import OpensHoles
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
from aftercare.oncall.actions.passing import hand_over_page, resolve_page
from aftercare.oncall.actions.policy import delete_policy, make_default, save_policy
from aftercare.oncall.actions.rooms import add_room, remove_room, try_room
from aftercare.oncall.actions.schedules import delete_schedule, save_schedule, set_customer_schedule, turns_document
from aftercare.oncall.actions.settings import save_settings
from aftercare.oncall.actions.trials import answer_trial

__all__ = [
    "OpensHoles",
    "Rung",
    "acknowledge_page",
    "add_change",
    "add_room",
    "answer_trial",
    "ask_swap",
    "close_page",
    "delete_policy",
    "delete_schedule",
    "escalate_page",
    "give_swap_back",
    "hand_over_page",
    "hold_page",
    "illustrate_page",
    "make_default",
    "make_feed",
    "note_read",
    "note_seen",
    "note_subject_seen",
    "remove_change",
    "remove_feed",
    "remove_room",
    "remove_rule",
    "resolve_page",
    "save_policy",
    "save_rule",
    "save_rungs",
    "save_schedule",
    "save_settings",
    "set_customer_schedule",
    "sign_in",
    "start_page",
    "take_swap",
    "try_room",
    "turns_document",
    "withdraw_swap",
    "write_note",
]
