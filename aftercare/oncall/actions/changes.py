"""What differs from a schedule for a while: covers, and swaps that are asked for and taken."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.kernel.errors import Refused
from aftercare.notify import actions as notify
from aftercare.oncall.actions.holes import Watched
from aftercare.oncall.actions.schedules import check_can_be_woken, keep_record
from aftercare.oncall.models import Change, ChangeKind, Schedule, Swap
from aftercare.oncall.queries.policy import people_of
from aftercare.oncall.queries.shifts import shifts

ASKED = gettext_noop("%(person)s asks who takes %(schedule)s from %(start)s until %(end)s")
TAKEN = gettext_noop("%(person)s takes %(schedule)s for you from %(start)s until %(end)s")
GIVEN_BACK = gettext_noop("%(person)s no longer takes %(schedule)s for you from %(start)s until %(end)s")


@transaction.atomic
def add_change(
    *,
    schedule: Schedule,
    kind: str = ChangeKind.INSTEAD,
    user: User,
    replaced: User | None = None,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
    accepts_holes: bool = True,
    is_imported: bool = False,
    actor: User | None,
    now: datetime,
) -> Change:
    """Let a schedule be otherwise for a while. Raises Refused when the time has no length or is over, and for people
    that do not fit what is to change; OpensHoles where nobody is left and that is not accepted.
    """
    check_time(starts_at, ends_at, now)
    if kind == ChangeKind.REPLACE and replaced in (None, user):
        raise Refused(_("Say whom they stand in for."))
    if kind != ChangeKind.REMOVE:
        check_can_be_woken(user)
    watched = Watched(schedule, now, accepts=accepts_holes) if kind == ChangeKind.REMOVE else None
    change = Change.objects.create(
        schedule=schedule,
        kind=ChangeKind(kind),
        user=user,
        replaced=replaced if kind == ChangeKind.REPLACE else None,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason[:200],
        created_at=now,
        is_imported=is_imported,
    )
    if watched:
        watched.check(schedule)
    look_anew(schedule, now)
    keep_record(
        "change.add",
        change.ref,
        actor,
        now,
        schedule=schedule.ref,
        kind=change.kind,
        person=user.ref,
        replaced=change.replaced.ref if change.replaced else "",
        starts_at=starts_at.isoformat(),
        ends_at=ends_at.isoformat(),
    )
    return change


def check_time(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raise Refused for a time without length or one that is over."""
    if ends_at <= starts_at:
        raise Refused(_("The end must lie after the beginning."))
    if ends_at <= now:
        raise Refused(_("This time is over already."))


@transaction.atomic
def remove_change(*, change: Change, accepts_holes: bool = True, actor: User | None, now: datetime) -> None:
    """The schedule's own order holds again from now on; a swap that it came from is open again.

    What has held stays, for the hours that somebody was on call. Raises Refused for a change that is over; OpensHoles
    where nobody is left and that is not accepted.
    """
    if change.ends_at <= now:
        raise Refused(_("This time is over already."))
    watched = Watched(change.schedule, now, accepts=accepts_holes)
    Swap.objects.filter(change=change).update(taken_by=None, taken_at=None, change=None)
    keep_record("change.remove", change.ref, actor, now, schedule=change.schedule.ref, person=change.user.ref)
    if change.starts_at < now:
        change.ends_at = now
        change.save(update_fields=["ends_at"])
    else:
        change.delete()
    watched.check(change.schedule)
    look_anew(change.schedule, now)


def look_anew(schedule: Schedule, now: datetime) -> None:
    """Other people may come on duty, and sooner."""
    Schedule.objects.filter(pk=schedule.pk).update(look_at=now)


@transaction.atomic
def ask_swap(
    *, schedule: Schedule, user: User, starts_at: datetime, ends_at: datetime, reason: str = "", now: datetime
) -> Swap:
    """Ask the others on the schedule to take one's time. Raises Refused when one does not hold then."""
    check_time(starts_at, ends_at, now)
    if not any(user in shift.users for shift in shifts(schedule, starts_at, ends_at)):
        raise Refused(_("You are not on %(schedule)s in this time.") % {"schedule": schedule.name})
    swap = Swap.objects.create(
        schedule=schedule, asked_by=user, starts_at=starts_at, ends_at=ends_at, reason=reason[:200], asked_at=now
    )
    keep_record("swap.ask", swap.ref, user, now, schedule=schedule.ref)
    for other in people_of(schedule):
        if other != user and can(other, "acknowledge_pages"):
            tell(other, ASKED, swap, user, now)
    return swap


@transaction.atomic
def take_swap(*, swap: Swap, taker: User, actor: User, now: datetime) -> Swap:
    """Let `taker` stand in. Raises Refused with who was first, when it was withdrawn or is over, and unless it is the
    taker's own doing or a manager's.
    """
    swap = locked(swap)
    if actor != taker and not can(actor, "manage_oncall"):
        raise Refused(_("Only who manages the on-call may let another take it."))
    if swap.withdrawn_at is not None:
        raise Refused(_("%(person)s has withdrawn this.") % {"person": swap.asked_by.name})
    if swap.taken_by == taker:
        return swap
    if swap.taken_by is not None:
        raise Refused(_("%(person)s has taken this already.") % {"person": swap.taken_by.name})
    swap.change = add_change(
        schedule=swap.schedule,
        kind=ChangeKind.REPLACE,
        user=taker,
        replaced=swap.asked_by,
        starts_at=swap.starts_at,
        ends_at=swap.ends_at,
        reason=swap.reason,
        actor=actor,
        now=now,
    )
    swap.taken_by, swap.taken_at = taker, now
    swap.save()
    keep_record("swap.take", swap.ref, actor, now, taker=taker.ref)
    tell(swap.asked_by, TAKEN, swap, taker, now)
    return swap


@transaction.atomic
def give_swap_back(*, swap: Swap, actor: User, now: datetime) -> Swap:
    """Whoever took it does not, after all: it is open again. Raises Refused unless they or a manager do it."""
    swap = locked(swap)
    taker = swap.taken_by
    if taker is None:
        return swap
    if actor != taker and not can(actor, "manage_oncall"):
        raise Refused(_("Only %(person)s or who manages the on-call may give it back.") % {"person": taker.name})
    check_time(swap.starts_at, swap.ends_at, now)
    end_change(swap, actor, now)
    keep_record("swap.give_back", swap.ref, actor, now, taker=taker.ref)
    tell(swap.asked_by, GIVEN_BACK, swap, taker, now)
    return swap


@transaction.atomic
def withdraw_swap(*, swap: Swap, actor: User, now: datetime) -> Swap:
    """Nobody needs to take it any more; who has is free. Raises Refused unless the asker or a manager does."""
    swap = locked(swap)
    if actor != swap.asked_by and not can(actor, "manage_oncall"):
        raise Refused(_("Only %(person)s or who manages the on-call may withdraw it.") % {"person": swap.asked_by.name})
    if swap.withdrawn_at is None:
        check_time(swap.starts_at, swap.ends_at, now)
        end_change(swap, actor, now)
        swap.withdrawn_at = now
        swap.save(update_fields=["withdrawn_at"])
        keep_record("swap.withdraw", swap.ref, actor, now)
    return swap


def end_change(swap: Swap, actor: User, now: datetime) -> None:
    """Take back what the swap changed."""
    if swap.change is not None:
        remove_change(change=swap.change, actor=actor, now=now)
    swap.change = swap.taken_by = swap.taken_at = None
    swap.save(update_fields=["change", "taken_by", "taken_at"])


def locked(swap: Swap) -> Swap:
    """The row, held until the transaction ends."""
    rows = Swap.objects.select_for_update(of=("self",)).select_related("schedule", "asked_by", "taken_by", "change")
    return rows.get(pk=swap.pk)


def tell(to: User, words: str, swap: Swap, about: User, now: datetime) -> None:
    """A notice in somebody's console, in their language and zone."""
    with translation.override(to.language or None), timezone.override(to.timezone or None):
        title = _(words) % {
            "person": about.name,
            "schedule": swap.schedule.name,
            "start": date_format(timezone.localtime(swap.starts_at), "Y-m-d H:i"),
            "end": date_format(timezone.localtime(swap.ends_at), "Y-m-d H:i"),
        }
    notify.push(user=to, kind="swap", subject_ref=swap.ref, title=title, body=swap.reason, url_path="/oncall", now=now)
