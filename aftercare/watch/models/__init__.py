"""Monitors, the state each is in, what changed, alerts of ours and of others; what probes look at;
heartbeats."""

from aftercare.watch.models.alert import ORIGINS, Alert, CloseReason
from aftercare.watch.models.heartbeat import (
    PINGS_KEPT,
    Heartbeat,
    HeartbeatChange,
    HeartbeatPing,
    HeartbeatState,
    HeartbeatStatus,
    HeartbeatWatch,
    PingKind,
    Reason,
)
from aftercare.watch.models.monitor import Comparison, Monitor, NoData, PlanVersion, Severity
from aftercare.watch.models.probe_target import ProbeKind, ProbeTarget
from aftercare.watch.models.source import AlertSource, Refusal, SourceKey, SourceKind
from aftercare.watch.models.state import FIRING_STATUSES, MonitorChange, MonitorState, Status

__all__ = [
    "FIRING_STATUSES",
    "ORIGINS",
    "PINGS_KEPT",
    "Alert",
    "AlertSource",
    "CloseReason",
    "Comparison",
    "Heartbeat",
    "HeartbeatChange",
    "HeartbeatPing",
    "HeartbeatState",
    "HeartbeatStatus",
    "HeartbeatWatch",
    "Monitor",
    "MonitorChange",
    "MonitorState",
    "NoData",
    "PingKind",
    "PlanVersion",
    "ProbeKind",
    "ProbeTarget",
    "Reason",
    "Refusal",
    "Severity",
    "SourceKey",
    "SourceKind",
    "Status",
]
