"""The lines of a risk's history, and closings, which are counted there."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from aftercare.accounts.models import User
from aftercare.kernel.events import publish
from aftercare.watch.events import RiskClosed
from aftercare.watch.models import CloseReason, DeedKind, Risk, RiskClosing, RiskDeed, RiskState
from aftercare.watch.risks.alerting import end_alert


def write(
    risk: Risk,
    kind: DeedKind,
    at: datetime,
    *,
    actor: User | None = None,
    text: str = "",
    detail: Mapping[str, Any] | None = None,
    **more: Any,
) -> RiskDeed:
    """A line of the history, in the caller's transaction."""
    return RiskDeed.objects.create(
        risk=risk, at=at, actor=actor, kind=kind, text=text, detail=dict(detail or {}), **more
    )


def close_risk(
    risk: Risk,
    closing: RiskClosing,
    actor: User | None,
    reason: str,
    now: datetime,
    *,
    outcome: str = "",
    accepted_until: date | None = None,
    confirmed_at: datetime | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Close a risk that the caller holds, and its alert with it."""
    risk.state, risk.closed_at, risk.closing, risk.accepted_until = RiskState.CLOSED, now, closing, accepted_until
    risk.save()
    write(
        risk,
        DeedKind.CLOSED,
        now,
        actor=actor,
        text=reason,
        detail=detail,
        closing=closing,
        outcome=outcome,
        confirmed_at=confirmed_at,
    )
    end_alert(risk, CloseReason.BY_HAND if actor else CloseReason.RECOVERED, now)
    publish(RiskClosed(risk.pk, now))


def last_closing(risk: Risk) -> RiskDeed | None:
    """The closing that stands, or stood last."""
    return risk.deeds.filter(kind=DeedKind.CLOSED).order_by("-at", "-pk").first()


def confirm(risk: Risk, now: datetime) -> None:
    """What is measured says that the closing is true: it counts from now on."""
    deed = last_closing(risk)
    if deed is not None and deed.confirmed_at is None and deed.undone_at is None:
        deed.confirmed_at = now
        deed.save(update_fields=["confirmed_at"])
        write(risk, DeedKind.CONFIRMED, now)


def undo(risk: Risk, now: datetime) -> None:
    """What is measured says that the closing was not true: it counts as nothing."""
    deed = last_closing(risk)
    if deed is not None and deed.confirmed_at is None:
        deed.undone_at = now
        deed.save(update_fields=["undone_at"])
