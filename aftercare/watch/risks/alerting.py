"""The alert of a risk within its last lead time. A risk that is further away wakes nobody."""

from datetime import datetime

from django.conf import settings

from aftercare.watch.actions import raise_alerts, recover_alerts
from aftercare.watch.models import CloseReason, Risk, Severity
from aftercare.watch.risks.words import alert_words, evidence
from aftercare.watch.types import Told
from aftercare.web.languages import in_both

FINGERPRINT = "risk"


def follow(risk: Risk, now: datetime) -> None:
    """Open the alert of an open risk that is red, or give it its newest words, in the caller's transaction.

    It is a warning while there are days left to act in, and red once it has run out.
    """
    if risk.is_open and risk.severity == Severity.RED:
        raise_alerts(origin=risk, told=[told_by(risk)], now=now)


def end_alert(risk: Risk, reason: CloseReason, now: datetime) -> None:
    """Close the open alert, if there is one."""
    recover_alerts(origin=risk, fingerprints=[FINGERPRINT], now=now, reason=reason)


def told_by(risk: Risk) -> Told:
    """The alert in words, in both languages."""
    title, title_zh = in_both(lambda: alert_words(risk))
    return Told(
        fingerprint=FINGERPRINT,
        severity=Severity.RED if risk.happened_at else Severity.WARNING,
        title=title[:200],
        title_zh=title_zh[:200],
        body="\n".join(in_both(lambda: evidence(risk)))[:4000],
        link=f"{settings.BASE_URL}/risks/{risk.ref}",
    )
