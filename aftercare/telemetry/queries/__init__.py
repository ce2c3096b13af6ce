"""What other rooms ask the telemetry: metrics over time, splits, sessions, timelines, bills."""

from aftercare.telemetry.queries.affected import Affected, Beyond, affected_users
from aftercare.telemetry.queries.bills import BilledBandwidth, Month, billed_bandwidth
from aftercare.telemetry.queries.headline import Headline, headline
from aftercare.telemetry.queries.probes import ProbePlace, probe_places
from aftercare.telemetry.queries.reading import Totals, add_totals
from aftercare.telemetry.queries.series import metric_series, metrics_series
from aftercare.telemetry.queries.sessions import Found, search_sessions, worst_sessions
from aftercare.telemetry.queries.slots import SLOT_S, Slot, slots_of_customers
from aftercare.telemetry.queries.split import SplitRow, split
from aftercare.telemetry.queries.summary import SessionSummary, session_summary
from aftercare.telemetry.queries.timeline import Timeline, session_timeline
from aftercare.telemetry.queries.verdicts import verdict_of

__all__ = [
    "SLOT_S",
    "Affected",
    "Beyond",
    "BilledBandwidth",
    "Found",
    "Headline",
    "Month",
    "ProbePlace",
    "SessionSummary",
    "Slot",
    "SplitRow",
    "Timeline",
    "Totals",
    "add_totals",
    "affected_users",
    "billed_bandwidth",
    "headline",
    "metric_series",
    "metrics_series",
    "probe_places",
    "search_sessions",
    "session_summary",
    "session_timeline",
    "slots_of_customers",
    "split",
    "verdict_of",
    "worst_sessions",
]
