"""Monitors, the state each is in, what changed, alerts of ours and of others; what probes look at."""

from aftercare.watch.models.alert import ORIGINS, Alert, CloseReason
from aftercare.watch.models.monitor import Comparison, Monitor, NoData, PlanVersion, Severity
from aftercare.watch.models.probe_target import ProbeKind, ProbeTarget
from aftercare.watch.models.source import AlertSource, Refusal, SourceKey, SourceKind
from aftercare.watch.models.state import FIRING_STATUSES, MonitorChange, MonitorState, Status

__all__ = [
    "FIRING_STATUSES",
    "ORIGINS",
    "Alert",
    "AlertSource",
    "CloseReason",
    "Comparison",
    "Monitor",
    "MonitorChange",
    "MonitorState",
    "NoData",
    "PlanVersion",
    "ProbeKind",
    "ProbeTarget",
    "Refusal",
    "Severity",
    "SourceKey",
    "SourceKind",
    "Status",
]
