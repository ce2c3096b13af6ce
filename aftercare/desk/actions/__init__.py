"""What people and the system do to a ticket; each is one transaction with its audit row and its event."""

from aftercare.desk.actions.answering import answer_ticket, apply_macro
from aftercare.desk.actions.bulk import do_in_bulk
from aftercare.desk.actions.chat import answer_chat, begin_session, post_chat, read_chat
from aftercare.desk.actions.chat_address import tell_address
from aftercare.desk.actions.chat_widgets import renew_secret, save_widget
from aftercare.desk.actions.contacts import contact_of
from aftercare.desk.actions.emergency import raise_emergency
from aftercare.desk.actions.emergency_course import downgrade_emergency
from aftercare.desk.actions.family import Outcome, answer_family, answer_in_their_language, one_by_one, set_parent
from aftercare.desk.actions.groups import post_in_group, save_group
from aftercare.desk.actions.handling import (
    assign_ticket,
    claim_ticket,
    close_ticket,
    link_incident,
    move_to_incident,
    rename_ticket,
    reopen_ticket,
    resolve_ticket,
    set_severity,
)
from aftercare.desk.actions.keeping import look_at, remind, snooze_ticket, wake_ticket
from aftercare.desk.actions.life import follow_ticket, plan_call, record_call, tell_apart
from aftercare.desk.actions.moving import merge_tickets, split_ticket, undo_move
from aftercare.desk.actions.opening import attach_evidence, open_ticket
from aftercare.desk.actions.presence import end_forgotten, set_presence, touch_presence
from aftercare.desk.actions.rating import rate
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
from aftercare.desk.actions.unknown_chats import adopt_chat, dismiss_chat
from aftercare.desk.promises import hand_in_targets

__all__ = [
    "Outcome",
    "adopt_chat",
    "answer_chat",
    "answer_family",
    "answer_field",
    "answer_in_their_language",
    "answer_ticket",
    "apply_macro",
    "assign_ticket",
    "attach_evidence",
    "begin_session",
    "claim_ticket",
    "close_ticket",
    "contact_of",
    "dismiss_chat",
    "do_in_bulk",
    "downgrade_emergency",
    "end_forgotten",
    "follow_ticket",
    "hand_in_targets",
    "link_incident",
    "look_at",
    "mark_read",
    "merge_tickets",
    "move_to_incident",
    "one_by_one",
    "open_ticket",
    "plan_call",
    "post_chat",
    "post_in_group",
    "raise_emergency",
    "rate",
    "read_chat",
    "record_call",
    "remind",
    "remove_macro",
    "remove_view",
    "rename_ticket",
    "renew_secret",
    "reopen_ticket",
    "reply",
    "resolve_ticket",
    "save_field",
    "save_group",
    "save_macro",
    "save_view",
    "save_widget",
    "set_parent",
    "set_presence",
    "set_severity",
    "snooze_ticket",
    "split_ticket",
    "tag_ticket",
    "tell_address",
    "tell_apart",
    "tell_ticket",
    "touch_presence",
    "undo_move",
    "wake_ticket",
]
