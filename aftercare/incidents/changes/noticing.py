"""Which notices a customer gets, and when: rows with due times that the engine tells."""

from datetime import datetime, timedelta

from aftercare.incidents.changes.story import active
from aftercare.incidents.models import Change, ChangeCustomer, ChangeNotice, NoticeKind
from aftercare.kernel.wall_clock import instant_of


def ahead_at(change: Change, days: int) -> datetime:
    """The same time of day so many days before the begin, on the change's wall clock."""
    local = change.starts_at.astimezone(change.zone).replace(tzinfo=None)
    return instant_of(local - timedelta(days=days), change.zone)


def plan_ahead(touched: ChangeCustomer, change: Change, now: datetime, *, missed: bool = True) -> None:
    """The notices in advance of the present window; with `missed`, those whose time has passed are due now.

    The engine folds what is due at once into one telling.
    """
    planned = {days: ahead_at(change, days) for days in change.notice_days}
    ChangeNotice.objects.bulk_create(
        (
            ChangeNotice(
                touched=touched,
                kind=NoticeKind.AHEAD,
                window=change.window,
                days=days,
                planned_at=at,
                due_at=max(at, now),
            )
            for days, at in planned.items()
            if missed or at > now
        ),
        ignore_conflicts=True,  # taken out and back in: told once is told
    )


def plan_moved(change: Change, now: datetime) -> None:
    """Every notice moves with the window: old ones fall away, and whoever heard of it hears the new window once."""
    drop_pending(change, now)
    for touched in active(change):
        if touched.heard_at is not None:
            plan_once(touched, NoticeKind.MOVED, now)
        plan_ahead(touched, change, now, missed=touched.heard_at is None)


def plan_for_all(change: Change, kind: NoticeKind, now: datetime, *, heard_only: bool = True) -> None:
    """One word to every customer that it touches, now, in place of what is still to be told."""
    drop_pending(change, now)
    for touched in active(change):
        if touched.heard_at is not None or not heard_only:
            plan_once(touched, kind, now)


def plan_once(touched: ChangeCustomer, kind: NoticeKind, now: datetime, reason: str = "") -> None:
    """One word to one customer, now. `days` numbers those of one kind in one window."""
    window = touched.change.window
    nth = touched.notices.filter(kind=kind, window=window).count()
    ChangeNotice.objects.create(
        touched=touched, kind=kind, window=window, days=nth, planned_at=now, due_at=now, reason=reason
    )


def drop_pending(change: Change, now: datetime, touched: ChangeCustomer | None = None) -> None:
    """What is still to be told is overtaken; the change is locked, so nobody is telling it."""
    pending = ChangeNotice.objects.filter(touched__change=change, told_at=None, dropped_at=None)
    if touched is not None:
        pending = pending.filter(touched=touched)
    pending.update(dropped_at=now)
