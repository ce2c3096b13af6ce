"""What is broken, what happened about it, and what customers were told."""

from aftercare.incidents.models.causes import SparedCustomer
from aftercare.incidents.models.incident import (
    NOT_RECOVERED,
    TOLD_TO_CUSTOMERS,
    EndReason,
    Incident,
    IncidentAlert,
    IncidentCustomer,
    Kind,
    Severity,
    Status,
    TimelineEntry,
)
from aftercare.incidents.models.response import Participant, Role, Task
from aftercare.incidents.models.update import Stage, Telling, Update

__all__ = [
    "NOT_RECOVERED",
    "TOLD_TO_CUSTOMERS",
    "EndReason",
    "Incident",
    "IncidentAlert",
    "IncidentCustomer",
    "Kind",
    "Participant",
    "Role",
    "Severity",
    "SparedCustomer",
    "Stage",
    "Status",
    "Task",
    "Telling",
    "TimelineEntry",
    "Update",
]
