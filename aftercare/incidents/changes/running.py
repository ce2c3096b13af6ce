"""A change begins, and ends: done, or rolled back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.incidents.changes.noticing import plan_for_all
from aftercare.incidents.changes.story import active, checked_reason, held, record, write_step
from aftercare.incidents.changes.types import EARLY
from aftercare.incidents.models import Answer, Change, ChangeCustomer, ChangeState, NoticeKind, Risk
from aftercare.kernel.errors import Refused


def unconfirmed(change: Change) -> list[ChangeCustomer]:
    """The customers that it touches and who have not confirmed its present window."""
    return [one for one in active(change) if one.present_answer != Answer.CONFIRM]


@transaction.atomic
def start_change(*, change: Change, decision: str = "", actor: User, now: datetime) -> Change:
    """It begins now, within its window; its customers hear it. Begun twice it has begun once.

    Raises Refused outside its window, and at a medium or high risk, while a customer has not confirmed it, without a
    `decision`: the words of whoever begins nevertheless, which stand in the story.
    """
    row = held(change)
    if row.state == ChangeState.RUNNING:
        return row
    if row.state != ChangeState.ANNOUNCED:
        raise Refused(_("Only what is announced can begin."))
    if now < row.starts_at - EARLY:
        raise Refused(_("Its window has not begun. Move the window if it has to be earlier."))
    if now >= row.ends_at:
        raise Refused(_("Its window is over. Give it a new one."))
    waiting = unconfirmed(row)
    if waiting and row.risk != Risk.LOW:
        names = ", ".join(one.customer.display_name for one in waiting[:5])
        sentence = _("%(count)s customers have not confirmed it (%(names)s). Say why it begins nevertheless.")
        decision = checked_reason(decision, sentence % {"count": len(waiting), "names": names})
        write_step(row, "decided", now=now, actor=actor, reason=decision)
    row.state, row.started_at = ChangeState.RUNNING, now
    row.version += 1
    row.save()
    tell_all(row, NoticeKind.STARTED, now)
    write_step(row, "started", now=now, actor=actor)
    record("start", row, actor, now, unconfirmed=len(waiting), decision=decision if waiting else "")
    return row


@transaction.atomic
def end_change(*, change: Change, rolled_back: bool = False, reason: str = "", actor: User, now: datetime) -> Change:
    """It is done, or with `rolled_back` undone again, for a reason; its customers hear which. Ended twice is once.

    Raises Refused for what does not run, and for what ended the other way.
    """
    row = held(change)
    state = ChangeState.ROLLED_BACK if rolled_back else ChangeState.DONE
    if row.state == state:
        return row
    if row.state != ChangeState.RUNNING:
        raise Refused(_("It does not run."))
    if rolled_back:
        reason = checked_reason(reason, _("Say why it was rolled back."))
    row.state, row.ended_at = state, now
    row.version += 1
    row.save()
    tell_all(row, NoticeKind.ROLLED_BACK if rolled_back else NoticeKind.DONE, now)
    write_step(row, str(state), now=now, actor=actor, reason=reason)
    record("roll_back" if rolled_back else "finish", row, actor, now, reason=reason)
    return row


def tell_all(row: Change, kind: NoticeKind, now: datetime) -> None:
    """Of a change without days of notice customers hear nothing, unless they heard of it before."""
    plan_for_all(row, kind, now, heard_only=not row.notice_days)
