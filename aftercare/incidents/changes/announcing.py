"""Announcing a change and moving its window: what is late needs a reason, what falls into a freeze somebody's word."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.incidents.changes.drafting import check_window, touch_affected
from aftercare.incidents.changes.freezing import freezes_on, pass_freezes
from aftercare.incidents.changes.noticing import drop_pending, plan_ahead, plan_for_all, plan_moved
from aftercare.incidents.changes.rules import change_rules
from aftercare.incidents.changes.story import active, checked_reason, held, record, write_step
from aftercare.incidents.changes.words import lead_words, window_words
from aftercare.incidents.models import Answer, Change, ChangeKind, ChangeState, NoticeKind
from aftercare.kernel.errors import Refused


def would_be_late(change: Change, starts_at: datetime, now: datetime) -> bool:
    """Whether a window announced now comes later than promised: of maintenance, and of what touches customers."""
    if change.kind != ChangeKind.MAINTENANCE and not change.customers.filter(removed_at=None).exists():
        return False
    return starts_at - now < timedelta(hours=change_rules().promised_lead_h)


@transaction.atomic
def announce_change(
    *,
    change: Change,
    late_reason: str = "",
    freeze_reason: str = "",
    version: int | None = None,
    actor: User,
    now: datetime,
) -> Change:
    """Make a draft known: its customers see it, and their notices are planned. Announced twice it is announced once.

    Raises Refused when it has begun by its window, is late without a reason, or falls into a freeze.
    """
    row = held(change, version)
    if row.state == ChangeState.ANNOUNCED:
        return row
    if row.state != ChangeState.DRAFT:
        raise Refused(_("Only a draft can be announced."))
    touch_affected(row, set(row.customers.filter(by_hand=True).values_list("customer_id", flat=True)))
    make_known(row, late_reason, freeze_reason, actor, now)
    for touched in active(row):
        plan_ahead(touched, row, now)
    write_step(row, "announced", now=now, actor=actor, window=window_words(row))
    note_late(row, now)
    record("announce", row, actor, now, late=row.is_late)
    return row


@transaction.atomic
def move_window(
    *,
    change: Change,
    starts_at: datetime,
    ends_at: datetime,
    late_reason: str = "",
    freeze_reason: str = "",
    version: int | None = None,
    actor: User,
    now: datetime,
) -> Change:
    """Give an announced or postponed change another window: all notices move with it, and whoever heard of the old one
    hears the new one once. Confirmations of the old one count no more; who wished exactly the new one has confirmed it.

    Raises Refused as announcing does.
    """
    row = held(change, version)
    if row.state not in (ChangeState.ANNOUNCED, ChangeState.POSTPONED):
        raise Refused(_("Only what is announced or postponed can be moved."))
    check_window(starts_at, ends_at, now)
    if row.state == ChangeState.ANNOUNCED and (row.starts_at, row.ends_at) == (starts_at, ends_at):
        return row
    wished = [
        one for one in active(row) if one.is_asking and (one.wished_from, one.wished_until) == (starts_at, ends_at)
    ]
    row.starts_at, row.ends_at = starts_at, ends_at
    row.window += 1
    wish = _("wished by %(customer)s") % {"customer": wished[0].customer} if wished else ""
    make_known(row, late_reason or wish, freeze_reason, actor, now)
    for touched in wished:
        touched.answer, touched.answer_window, touched.answered_at = Answer.CONFIRM, row.window, now
        touched.save(update_fields=["answer", "answer_window", "answered_at"])
    plan_moved(row, now)
    write_step(row, "moved", now=now, actor=actor, window=window_words(row))
    note_late(row, now)
    record("move", row, actor, now, window=row.window, late=row.is_late)
    return row


@transaction.atomic
def postpone_change(*, change: Change, reason: str, actor: User, now: datetime) -> Change:
    """Take the window away without a new one yet: no more notices, and whoever heard of it hears that, once.

    Raises Refused without a reason, and for what is not announced.
    """
    row = held(change)
    if row.state == ChangeState.POSTPONED:
        return row
    if row.state != ChangeState.ANNOUNCED:
        raise Refused(_("Only what is announced can be postponed."))
    reason = checked_reason(reason, _("Say why it is postponed."))
    row.state = ChangeState.POSTPONED
    row.version += 1
    row.save()
    plan_for_all(row, NoticeKind.POSTPONED, now)
    write_step(row, "postponed", now=now, actor=actor, reason=reason)
    record("postpone", row, actor, now, reason=reason)
    return row


@transaction.atomic
def cancel_change(*, change: Change, reason: str, actor: User, now: datetime) -> Change:
    """It will not happen; whoever heard of it hears that. Twice is once. Raises Refused without a reason, and for what
    has begun.
    """
    row = held(change)
    if row.state == ChangeState.CANCELLED:
        return row
    if row.is_ended or row.state == ChangeState.RUNNING:
        raise Refused(_("It has begun: finish it, or roll it back."))
    reason = checked_reason(reason, _("Say why it is cancelled."))
    row.state = ChangeState.CANCELLED
    row.version += 1
    row.save()
    drop_pending(row, now)
    plan_for_all(row, NoticeKind.CANCELLED, now)
    write_step(row, "cancelled", now=now, actor=actor, reason=reason)
    record("cancel", row, actor, now, reason=reason)
    return row


def make_known(row: Change, late_reason: str, freeze_reason: str, actor: User, now: datetime) -> None:
    """Its window counts from now on. Raises Refused."""
    if row.starts_at <= now:
        raise Refused(_("The window has begun already: choose one that is still to come."))
    if would_be_late(row, row.starts_at, now):
        row.late_reason = checked_reason(
            late_reason,
            _("Customers were promised %(hours)s hours of notice, and this comes later. Say why.")
            % {"hours": change_rules().promised_lead_h},
        )[:300]
    else:
        row.late_reason = ""
    pass_freezes(row, freezes_on(row), freeze_reason, actor, now)
    row.state, row.announced_at, row.promised_lead_h = ChangeState.ANNOUNCED, now, change_rules().promised_lead_h
    row.version += 1
    row.save()


def note_late(row: Change, now: datetime) -> None:
    """What came later than promised stands in the story."""
    if row.late_reason:
        write_step(row, "late", now=now, lead=lead_words(row), promised=row.promised_lead_h, reason=row.late_reason)
