"""What follows where a heartbeat goes down or comes up again: its alert opens, speaks louder, or is over."""

from datetime import datetime

from django.conf import settings

from aftercare.watch.actions import raise_alerts, recover_alerts
from aftercare.watch.heartbeats.words import alert_details, alert_words
from aftercare.watch.models import CloseReason, Heartbeat, HeartbeatState, HeartbeatStatus
from aftercare.watch.types import Told
from aftercare.web.languages import in_both

# A heartbeat has one trouble at a time.
FINGERPRINT = "heartbeat"


def follow(state: HeartbeatState, before: str, now: datetime) -> None:
    """Open the alert of one that is down, or close it where it is not any more, in the caller's transaction."""
    if state.status == HeartbeatStatus.DOWN:
        raise_alerts(origin=state.heartbeat, told=[told_by(state)], now=now)
    elif before == HeartbeatStatus.DOWN:
        end_alert(state.heartbeat, CloseReason.RECOVERED, now)


def end_alert(heartbeat: Heartbeat, reason: CloseReason, now: datetime) -> None:
    """Close the open alert, if there is one."""
    recover_alerts(origin=heartbeat, fingerprints=[FINGERPRINT], now=now, reason=reason)


def told_by(state: HeartbeatState) -> Told:
    """The alert in words, in both languages."""
    heartbeat = state.heartbeat
    title, title_zh = in_both(lambda: alert_words(state))
    return Told(
        fingerprint=FINGERPRINT,
        severity=heartbeat.severity,
        title=title[:200],
        title_zh=title_zh[:200],
        body="\n".join(in_both(lambda: alert_details(state))),
        link=f"{settings.BASE_URL}/heartbeats/{heartbeat.ref}",
    )
