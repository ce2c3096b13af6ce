"""What people and the system do to a ticket; each is one transaction with its audit row and its event."""

from aftercare.desk.actions.chat import answer_chat, begin_session, post_chat, read_chat
from aftercare.desk.actions.chat_widgets import renew_secret, save_widget
from aftercare.desk.actions.contacts import contact_of
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
from aftercare.desk.actions.opening import attach_evidence, open_ticket
from aftercare.desk.actions.presence import end_forgotten, set_presence, touch_presence
from aftercare.desk.actions.talking import mark_read, reply, tell_ticket

__all__ = [
    "answer_chat",
    "assign_ticket",
    "attach_evidence",
    "begin_session",
    "claim_ticket",
    "close_ticket",
    "contact_of",
    "end_forgotten",
    "mark_read",
    "open_ticket",
    "post_chat",
    "post_in_group",
    "read_chat",
    "rename_ticket",
    "renew_secret",
    "reopen_ticket",
    "reply",
    "resolve_ticket",
    "save_group",
    "save_widget",
    "set_presence",
    "set_severity",
    "tell_ticket",
    "touch_presence",
]
