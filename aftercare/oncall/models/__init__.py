"""Who is on duty when, in which order they are woken, and the pages that wake them."""

from aftercare.oncall.models.handover import Handover, SignIn
from aftercare.oncall.models.page import Page, PageAudit, PageNotice, PageSeen, PageState, Severity
from aftercare.oncall.models.policy import EscalationPolicy, Target
from aftercare.oncall.models.schedule import (
    Change,
    ChangeKind,
    CustomerSchedule,
    Feed,
    Schedule,
    ScheduleVersion,
    Swap,
)

__all__ = [
    "Change",
    "ChangeKind",
    "CustomerSchedule",
    "EscalationPolicy",
    "Feed",
    "Handover",
    "Page",
    "PageAudit",
    "PageNotice",
    "PageSeen",
    "PageState",
    "Schedule",
    "ScheduleVersion",
    "Severity",
    "SignIn",
    "Swap",
    "Target",
]
