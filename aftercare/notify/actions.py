"""Writing to the outbox, and keeping contact methods."""

from aftercare.notify.answering import press as press_button
from aftercare.notify.answering import reply_in_chat, stop_answers, tell_on_console
from aftercare.notify.contact_codes import confirm_by_code, send_code, send_test
from aftercare.notify.contacts import (
    add_contact,
    checked_webhook,
    confirm_contact,
    new_webhook_secret,
    remove_contact,
    set_enabled,
    set_rung,
    set_rungs,
)
from aftercare.notify.envelope import sealed
from aftercare.notify.leaving import Links, links_are_told_by
from aftercare.notify.mail_answers import answer_by_mail
from aftercare.notify.outbox import OUTBOX, drafted, drop_pending, mark_returned, push, send, send_all, wake_engine
from aftercare.notify.quiet import set_quiet_hours

__all__ = [
    "OUTBOX",
    "Links",
    "add_contact",
    "answer_by_mail",
    "checked_webhook",
    "confirm_by_code",
    "confirm_contact",
    "drafted",
    "drop_pending",
    "links_are_told_by",
    "mark_returned",
    "new_webhook_secret",
    "press_button",
    "push",
    "remove_contact",
    "reply_in_chat",
    "sealed",
    "send",
    "send_all",
    "send_code",
    "send_test",
    "set_enabled",
    "set_quiet_hours",
    "set_rung",
    "set_rungs",
    "stop_answers",
    "tell_on_console",
    "wake_engine",
]
