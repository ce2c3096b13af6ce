"""The event begins and ends by the clock, each in one transaction: rules, duty and state together or not at all."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.incidents.assurance.duty import end_duty, lend
from aftercare.incidents.assurance.log import live, record, write_entry
from aftercare.incidents.assurance.tightening import loosen, tighten
from aftercare.incidents.models import Assurance, AssuranceState
from aftercare.kernel.errors import Refused

# What players still report after the end belongs to the event.
LATE_REPORTS = timedelta(minutes=5)


def switch(assurance: Assurance, now: datetime) -> None:
    """Begin or end what is due; an event whose whole time passed while no engine ran is over without having begun.

    `assurance` is locked by the caller.
    """
    if now >= assurance.ends_at:
        close(assurance, now, kind="closed" if assurance.state == AssuranceState.RUNNING else "missed")
    elif now >= assurance.starts_at and assurance.state != AssuranceState.RUNNING:
        begin(assurance, now)
    else:
        assurance.step_at = assurance.ends_at if assurance.state == AssuranceState.RUNNING else assurance.starts_at
        assurance.save(update_fields=["step_at"])


def begin(assurance: Assurance, now: datetime) -> None:
    """Tighten the rules and let the pages begin with the event's people."""
    assurance.state, assurance.started_at = AssuranceState.RUNNING, now
    assurance.step_at, assurance.notice_at = assurance.ends_at, None
    assurance.save(update_fields=["state", "started_at", "step_at", "notice_at"])
    tighten(assurance, now)
    lend(assurance, now)
    write_entry(assurance, "running", now=now)
    record("assurance.begin", assurance, None, {}, now)


def close(assurance: Assurance, now: datetime, *, kind: str, actor: User | None = None) -> None:
    """Loosen the rules, give duty back, and have the figures kept once the last reports are in."""
    loosen(assurance, now)
    end_duty(assurance, actor, now)
    assurance.state, assurance.ended_at = AssuranceState.CLOSED, now
    assurance.step_at = assurance.notice_at = assurance.measure_at = None
    assurance.summarise_at = min(now, assurance.ends_at) + LATE_REPORTS
    assurance.save()
    assurance.items.update(remind_at=None)
    assurance.customers.update(tell_at=None)
    write_entry(assurance, kind, now=now, actor=actor)
    record("assurance.close", assurance, actor, {"kind": kind}, now)


@transaction.atomic
def end_now(*, assurance: Assurance, actor: User, now: datetime) -> None:
    """End it before its time. Raises Refused for one that does not run."""
    row = live(assurance)
    if row.state != AssuranceState.RUNNING:
        raise Refused(_("It has not begun. Call it off instead."))
    row.ends_at = max(min(row.ends_at, now), row.starts_at + timedelta(seconds=1))
    close(row, now, kind="ended", actor=actor)
