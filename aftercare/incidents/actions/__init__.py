"""What opens, changes and ends an incident; each is one transaction with its audit row."""

from aftercare.incidents.actions.ending import StillOpen, close_alert, resolve_incident
from aftercare.incidents.actions.handling import acknowledge_incident, add_note, mark_acknowledged, note_escalation
from aftercare.incidents.actions.opening import take_alert
from aftercare.incidents.actions.reopening import reopen_incident

__all__ = [
    "StillOpen",
    "acknowledge_incident",
    "add_note",
    "close_alert",
    "mark_acknowledged",
    "note_escalation",
    "reopen_incident",
    "resolve_incident",
    "take_alert",
]
