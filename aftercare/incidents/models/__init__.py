"""What is broken, what happened about it, and what customers were told."""

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
from aftercare.incidents.models.post_mortem import (
    FollowUp,
    FollowUpState,
    PostMortem,
    PostMortemVersion,
    Publication,
    ReportState,
)
from aftercare.incidents.models.response import Participant, Role, Task
from aftercare.incidents.models.review import Grading, Impact, Level, Party, Responsibility, ReviewRules
from aftercare.incidents.models.runbook import Drill, Run, Runbook, RunStep
from aftercare.incidents.models.update import Stage, Telling, Update

__all__ = [
    "NOT_RECOVERED",
    "TOLD_TO_CUSTOMERS",
    "Drill",
    "EndReason",
    "FollowUp",
    "FollowUpState",
    "Grading",
    "Impact",
    "Incident",
    "IncidentAlert",
    "IncidentCustomer",
    "Kind",
    "Level",
    "Participant",
    "Party",
    "PostMortem",
    "PostMortemVersion",
    "Publication",
    "ReportState",
    "Responsibility",
    "ReviewRules",
    "Role",
    "Run",
    "RunStep",
    "Runbook",
    "Severity",
    "Stage",
    "Status",
    "Task",
    "Telling",
    "TimelineEntry",
    "Update",
]
