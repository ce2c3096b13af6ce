"""What people and the system do to a ticket; each is one transaction with its audit row and its event."""

from aftercare.desk.actions.contacts import contact_of
from aftercare.desk.actions.family import Outcome, answer_family, one_by_one, set_parent
from aftercare.desk.actions.groups import post_in_group, save_group
from aftercare.desk.actions.handling import (
    assign_ticket,
    claim_ticket,
    close_ticket,
    rename_ticket,
    reopen_ticket,
    resolve_ticket,
    set_severity,
)
from aftercare.desk.actions.keeping import leave_ticket, look_at, remind, snooze_ticket, wake_ticket, watch_ticket
from aftercare.desk.actions.moving import merge_tickets, split_ticket, undo_move
from aftercare.desk.actions.opening import attach_evidence, open_ticket
from aftercare.desk.actions.sorting import (
    answer_field,
    remove_macro,
    remove_view,
    save_field,
    save_macro,
    save_view,
    tag_ticket,
)
from aftercare.desk.actions.talking import mark_read, reply, tell_ticket

__all__ = [
    "Outcome",
    "answer_family",
    "answer_field",
    "assign_ticket",
    "attach_evidence",
    "claim_ticket",
    "close_ticket",
    "contact_of",
    "leave_ticket",
    "look_at",
    "mark_read",
    "merge_tickets",
    "one_by_one",
    "open_ticket",
    "post_in_group",
    "remind",
    "remove_macro",
    "remove_view",
    "rename_ticket",
    "reopen_ticket",
    "reply",
    "resolve_ticket",
    "save_field",
    "save_group",
    "save_macro",
    "save_view",
    "set_parent",
    "set_severity",
    "snooze_ticket",
    "split_ticket",
    "tag_ticket",
    "tell_ticket",
    "undo_move",
    "wake_ticket",
    "watch_ticket",
]
