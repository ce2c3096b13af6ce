"""What opens, changes and ends an incident; each is one transaction with its audit row."""

from aftercare.incidents.actions.declaring import add_customer, add_ticket, declare_incident, remove_customer
from aftercare.incidents.actions.ending import StillOpen, close_alerts, resolve_incident
from aftercare.incidents.actions.handling import acknowledge_incident, add_note, mark_acknowledged, note_escalation
from aftercare.incidents.actions.opening import take_alerts
from aftercare.incidents.actions.reopening import reopen_by_hand, reopen_incident
from aftercare.incidents.actions.response import add_task, finish_task, give_role, mark_mitigated
from aftercare.incidents.actions.worsening import worsen_alerts

__all__ = [
    "StillOpen",
    "acknowledge_incident",
    "add_customer",
    "add_note",
    "add_task",
    "add_ticket",
    "close_alerts",
    "declare_incident",
    "finish_task",
    "give_role",
    "mark_acknowledged",
    "mark_mitigated",
    "note_escalation",
    "remove_customer",
    "reopen_by_hand",
    "reopen_incident",
    "resolve_incident",
    "take_alerts",
    "worsen_alerts",
]
