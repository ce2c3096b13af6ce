"""Heartbeats in sentences, in the reader's language."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftercare.watch.heartbeats.judging import base_of, run_ends_at
from aftercare.watch.heartbeats.schedule import expected_after, zone_of
from aftercare.watch.heartbeats.types import HeartbeatFacts
from aftercare.watch.models import Heartbeat, HeartbeatState, HeartbeatStatus, PingKind, Reason
from aftercare.web.render.times import duration, zone_label

TONES = {
    HeartbeatStatus.NEW: "unknown",
    HeartbeatStatus.UP: "healthy",
    HeartbeatStatus.LATE: "warning",
    HeartbeatStatus.PAUSED: "neutral",
}
PING_TONES = {
    PingKind.OK: "healthy",
    PingKind.START: "neutral",
    PingKind.FAIL: "breached",
    PingKind.LOG: "neutral",
}


def schedule(heartbeat: Heartbeat | HeartbeatFacts) -> str:
    """When it is expected: `every 5 min`, `30 2 * * * (Asia/Shanghai)`."""
    if heartbeat.every_s is not None:
        return _("every %(span)s") % {"span": duration(heartbeat.every_s)}
    return _("%(cron)s (%(zone)s)") % {"cron": heartbeat.cron, "zone": heartbeat.timezone}


def whose(heartbeat: Heartbeat) -> str:
    """The customer, with the app where it is one app's; the provider's own as such."""
    if heartbeat.customer is None:
        return _("Our own")
    names = [heartbeat.customer.display_name, *([heartbeat.app.display_name] if heartbeat.app else [])]
    return " · ".join(names)


def tone(state: HeartbeatState, severity: str) -> str:
    """The design system's state: what was never pinged is not known, and never shown as healthy."""
    down = "breached" if severity == "red" else "warning"
    return TONES.get(HeartbeatStatus(state.status), down)


def is_running(state: HeartbeatState) -> bool:
    """Whether a run began that has not ended."""
    return state.started_at is not None and state.status != HeartbeatStatus.PAUSED


def state_word(state: HeartbeatState) -> str:
    """Where it stands, in words; what is down says why."""
    if state.status == HeartbeatStatus.DOWN:
        return {
            Reason.MISSED: pgettext("heartbeat", "missing"),
            Reason.OVERRAN: pgettext("heartbeat", "runs too long"),
            Reason.FAILED: pgettext("heartbeat", "failed"),
        }.get(Reason(state.reason), str(HeartbeatStatus.DOWN.label))
    if is_running(state) and state.status in (HeartbeatStatus.UP, HeartbeatStatus.NEW):
        return pgettext("heartbeat", "running")
    return str(HeartbeatStatus(state.status).label)


def alert_words(state: HeartbeatState) -> str:
    """What is wrong, in one sentence without a time that passes."""
    heartbeat, zone = state.heartbeat, zone_of(state.heartbeat.timezone)
    said: dict[str, object] = {"name": heartbeat.name}
    if state.reason == Reason.FAILED:
        if state.exit_code:
            return _("“%(name)s” told of a failure: exit code %(code)d") % {**said, "code": state.exit_code}
        return _("“%(name)s” told of a failure") % said
    if state.reason == Reason.OVERRAN:
        ends = run_ends_at(heartbeat, state)
        said["since"] = clock_time(state.started_at, zone) if state.started_at and ends else ""
        said["span"] = duration(heartbeat.run_limit_s)
        return _("“%(name)s” began a run at %(since)s that did not end within %(span)s") % said
    base = base_of(state)
    said["at"] = clock_time(expected_after(heartbeat, base), zone) if base else ""
    said["grace"] = duration(heartbeat.grace_s)
    return _("“%(name)s” was expected at %(at)s and did not come within %(grace)s") % said


def alert_details(state: HeartbeatState) -> str:
    """What a page says under it: when it is expected, and what came last."""
    heartbeat, zone = state.heartbeat, zone_of(state.heartbeat.timezone)
    last = clock_time(state.last_ok_at, zone) if state.last_ok_at else _("never")
    return _("Expected: %(schedule)s. Last success: %(last)s.") % {"schedule": schedule(heartbeat), "last": last}


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    """`2026-11-30 21:03 UTC+8` in this zone, to the second where it has any."""
    local = at.astimezone(zone)
    written = f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"
    return f"{written} {zone_label(local)}"


def absence(since: datetime, until: datetime) -> str:
    """How long nobody could take pings."""
    return duration(round((until - since) / timedelta(seconds=1)))
