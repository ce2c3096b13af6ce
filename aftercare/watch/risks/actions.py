"""What people do with a hidden risk: take it, write to it, close it, open it again. Each under the risk's lock, in one
transaction with its line of history and its audit row.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit.actions import record
from aftercare.kernel.errors import Refused
from aftercare.watch.models import DeedKind, Risk, RiskClosing, RiskDeed, RiskOutcome, RiskSource, RiskState
from aftercare.watch.risks.alerting import follow
from aftercare.watch.risks.checks import check_text, check_until
from aftercare.watch.risks.history import close_risk, last_closing, write
from aftercare.watch.risks.settling import reopen, run_out_if_so

# Further away nobody would be reminded of it.
FURTHEST_DUE = timedelta(days=366)
BY_HAND = (RiskClosing.FIXED, RiskClosing.ACCEPTED, RiskClosing.UNTRUE)


@transaction.atomic
def take_risk(*, risk: Risk, owner: User | None, due_at: datetime, actor: User | None, now: datetime) -> Risk:
    """Give a risk to somebody, or to nobody, to be dealt with by `due_at`. The same again changes nothing.

    Raises Refused for a closed risk, an owner who could not see it, or a due time that has passed or is no date to
    remember.
    """
    locked = lock(risk)
    require_open(locked)
    if owner is not None and (not owner.is_active or owner.customer_id not in (None, locked.customer_id)):
        raise Refused(_("This person cannot see the risk: choose another owner."))
    if (locked.owner, locked.due_at) == (owner, due_at):
        return locked
    if due_at != locked.due_at and not now < due_at <= now + FURTHEST_DUE:
        raise Refused(_("Say by when it is to be dealt with: a day to come, within a year."))
    if due_at != locked.due_at:
        locked.overdue_at = None
    locked.owner, locked.due_at = owner, due_at
    locked.state = RiskState.HANDLING if owner else RiskState.OPEN
    locked.save()
    whose = {"owner": owner.name, "of_provider": owner.is_provider} if owner else {"owner": ""}
    detail = {**whose, "due_at": due_at.isoformat()}
    write(locked, DeedKind.TAKEN, now, actor=actor, detail=detail)
    write_audit("take", locked, actor, {"owner": owner.ref if owner else None, "due_at": due_at.isoformat()}, now)
    return locked


@transaction.atomic
def note_on(*, risk: Risk, text: str, actor: User | None, now: datetime) -> RiskDeed:
    """Write a line into the history, of a closed risk too. Raises Refused for no text or too much."""
    said = check_text(text, needed=True)
    locked = lock(risk)
    write_audit("note", locked, actor, {}, now)
    return write(locked, DeedKind.NOTE, now, actor=actor, text=said)


@transaction.atomic
def close_by_hand(
    *, risk: Risk, closing: str, reason: str, until: date | None = None, actor: User | None, now: datetime
) -> Risk:
    """Close a risk as fixed, accepted (with why and until when) or not true (with why).

    Fixed counts as prevented only once a look finds it no more; one that still finds it opens it again. Raises Refused
    for a closed risk, a reason or day that is missing, and for a date set by hand that still stands.
    """
    if closing not in BY_HAND:
        raise Refused(_("A risk is closed as fixed, accepted or untrue."))
    said = check_text(reason, needed=closing != RiskClosing.FIXED)
    day = check_until(until, now) if closing == RiskClosing.ACCEPTED else None
    locked = lock(risk)
    require_open(locked)
    if closing == RiskClosing.FIXED and locked.rule.source == RiskSource.DATE:
        raise Refused(
            _("The date that was set still stands. Set the new one in the rule, and the risk closes by itself.")
        )
    run_out_if_so(locked, now)
    is_prevented = closing == RiskClosing.FIXED and locked.happened_at is None
    outcome = RiskOutcome.PREVENTED if is_prevented else ""
    if closing == RiskClosing.UNTRUE:
        locked.deeds.filter(kind=DeedKind.RAN_OUT, at__gte=locked.found_at, undone_at=None).update(undone_at=now)
    locked.is_gone = False
    detail = {"until": day.isoformat()} if day else {}
    close_risk(locked, RiskClosing(closing), actor, said, now, outcome=outcome, accepted_until=day, detail=detail)
    write_audit("close", locked, actor, {"closing": closing, **detail}, now)
    return locked


@transaction.atomic
def reopen_by_hand(*, risk: Risk, reason: str, actor: User | None, now: datetime) -> Risk:
    """Open a closed risk again; what its closing counted as is taken back unless a look confirmed it.

    Raises Refused for one that is open, whose rule was deleted, or that a look found no more.
    """
    said = check_text(reason, needed=False)
    locked = lock(risk)
    if locked.is_open:
        raise Refused(_("This risk is open already."))
    if locked.rule.deleted_at is not None or locked.is_gone or locked.closing == RiskClosing.GONE:
        raise Refused(_("It is not found any more: it opens by itself when it comes back."))
    deed = last_closing(locked)
    if deed is not None and deed.confirmed_at is None:
        deed.undone_at = now
        deed.save(update_fields=["undone_at"])
    if locked.closing == RiskClosing.UNTRUE:
        locked.deeds.filter(kind=DeedKind.RAN_OUT, undone_at=locked.closed_at).update(undone_at=None)
    reopen(locked, "by_hand", now, actor)
    locked.save()
    if said:
        write(locked, DeedKind.NOTE, now, actor=actor, text=said)
    follow(locked, now)
    write_audit("reopen", locked, actor, {}, now)
    return locked


def lock(risk: Risk) -> Risk:
    """The risk under its lock, as it is now."""
    return Risk.objects.select_for_update(no_key=True).get(pk=risk.pk)


def require_open(risk: Risk) -> None:
    """Raise Refused for a closed risk."""
    if not risk.is_open:
        raise Refused(_("This risk is closed. Open it again first."))


def write_audit(verb: str, risk: Risk, actor: User | None, detail: Mapping[str, Any], now: datetime) -> None:
    """The audit row of one deed."""
    record(
        actor=actor,
        action=f"risk.{verb}",
        subject=risk.ref,
        customer_id=risk.customer_id,
        detail={"subject": risk.subject, **detail},
        now=now,
    )
