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
from aftercare.oncall.models.settings import CoverageMail, OncallSettings, OnHoles, Weekday
from aftercare.oncall.models.trial import TrialCall, TrialState

__all__ = [
    "Change",
    "ChangeKind",
    "CoverageMail",
    "CustomerSchedule",
    "EscalationPolicy",
    "Feed",
    "Handover",
    "OnHoles",
    "OncallSettings",
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
    "TrialCall",
    "TrialState",
    "Weekday",
]
