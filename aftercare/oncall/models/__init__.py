"""Who is on duty when, in which order they are woken, and the pages that wake them."""

from aftercare.oncall.models.handover import Handover, SignIn
from aftercare.oncall.models.page import Page, PageAudit, PageNotice, PageSeen, PageState, Severity
from aftercare.oncall.models.policy import (
    SPOKEN_TO,
    EscalationPolicy,
    ManagementRung,
    PolicyRule,
    Room,
    Target,
    Until,
)
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
from aftercare.oncall.models.told import ManagementNotice, PagePost
from aftercare.oncall.models.trial import TrialCall, TrialState

__all__ = [
    "SPOKEN_TO",
    "Change",
    "ChangeKind",
    "CoverageMail",
    "CustomerSchedule",
    "EscalationPolicy",
    "Feed",
    "Handover",
    "ManagementNotice",
    "ManagementRung",
    "OnHoles",
    "OncallSettings",
    "Page",
    "PageAudit",
    "PageNotice",
    "PagePost",
    "PageSeen",
    "PageState",
    "PolicyRule",
    "Room",
    "Schedule",
    "ScheduleVersion",
    "Severity",
    "SignIn",
    "Swap",
    "Target",
    "TrialCall",
    "TrialState",
    "Until",
    "Weekday",
]
