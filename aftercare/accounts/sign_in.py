"""What the audit keeps about signing in."""

from datetime import datetime
from typing import Any

from allauth.account import signals as account_signals
from allauth.mfa import signals as mfa_signals

from aftercare.accounts.models import User
from aftercare.audit.actions import record
from aftercare.kernel.clock import utc_now

SIGNALS = {
    "person.password": (account_signals.password_changed, account_signals.password_set, account_signals.password_reset),
    "person.factor_add": (mfa_signals.authenticator_added,),
    "person.factor_remove": (mfa_signals.authenticator_removed,),
    "person.factor_reset": (mfa_signals.authenticator_reset,),
}


def record_sign_in(*, user: User, methods: list[str], now: datetime) -> None:
    """Keep that a person signed in and by which steps (password, mfa, socialaccount)."""
    record_about(user, "person.sign_in", {"by": methods}, now)


def record_failed_sign_in(*, email: str, now: datetime) -> None:
    """Keep that a sign-in as one of our people failed; addresses nobody has are not kept."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is not None:
        record(
            actor=None,
            action="person.sign_in_failed",
            subject=user.ref,
            customer_id=user.customer_id,
            detail={},
            now=now,
        )


def record_about(user: User, action: str, detail: dict[str, Any], now: datetime) -> None:
    """Keep something a person did to their own account."""
    record(actor=user, action=action, subject=user.ref, customer_id=user.customer_id, detail=detail, now=now)


def listen_to_allauth() -> None:
    """Write the audit rows of what people do on allauth's own pages."""
    for action, signals in SIGNALS.items():
        for signal in signals:
            signal.connect(_keeper_of(action), weak=False, dispatch_uid=f"audit.{action}")


def _keeper_of(action: str) -> Any:
    def keep(sender: Any, user: User, authenticator: Any = None, **kwargs: Any) -> None:
        record_about(user, action, {"type": authenticator.type} if authenticator else {}, utc_now())

    return keep
