"""Monitors, the state each is in, what changed, alerts of ours and of others; what probes look at;
heartbeats; what runs out."""

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
from aftercare.watch.models.monitor import (
    KINDS_WITH_THRESHOLD,
    Comparison,
    Kind,
    Monitor,
    NoData,
    PlanVersion,
    Sensitivity,
    Severity,
)
from aftercare.watch.models.probe_target import ProbeKind, ProbeTarget
from aftercare.watch.models.risk import DeedKind, Risk, RiskClosing, RiskDeed, RiskOutcome, RiskState
from aftercare.watch.models.risk_rule import FORECAST, RiskKind, RiskReading, RiskRule, RiskSource
from aftercare.watch.models.source import AlertSource, Refusal, SourceKey, SourceKind
from aftercare.watch.models.state import FIRING_STATUSES, MonitorChange, MonitorState, Status

__all__ = [
    "FIRING_STATUSES",
    "FORECAST",
    "KINDS_WITH_THRESHOLD",
    "ORIGINS",
    "PINGS_KEPT",
    "Alert",
    "AlertSource",
    "CloseReason",
    "Comparison",
    "DeedKind",
    "Heartbeat",
    "HeartbeatChange",
    "HeartbeatPing",
    "HeartbeatState",
    "HeartbeatStatus",
    "HeartbeatWatch",
    "Kind",
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
    "Risk",
    "RiskClosing",
    "RiskDeed",
    "RiskKind",
    "RiskOutcome",
    "RiskReading",
    "RiskRule",
    "RiskSource",
    "RiskState",
    "Sensitivity",
    "Severity",
    "SourceKey",
    "SourceKind",
    "Status",
]
