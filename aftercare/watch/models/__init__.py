"""Monitors, the state each is in, what changed, and the alerts they opened; what probes look at."""

from aftercare.watch.models.alert import Alert, CloseReason
from aftercare.watch.models.monitor import Comparison, Monitor, NoData, PlanVersion, Severity
from aftercare.watch.models.probe_target import ProbeKind, ProbeTarget
from aftercare.watch.models.state import FIRING_STATUSES, MonitorChange, MonitorState, Status

__all__ = [
    "FIRING_STATUSES",
    "Alert",
    "CloseReason",
    "Comparison",
    "Monitor",
    "MonitorChange",
    "MonitorState",
    "NoData",
    "PlanVersion",
    "ProbeKind",
    "ProbeTarget",
    "Severity",
    "Status",
]
