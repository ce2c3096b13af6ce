"""What an assurance does by the clock: begins, ends, reminds, tells, measures. Safe to run in several processes.

Each thing in a transaction of its own, so that one that fails holds nobody: it is tried again after LEASE.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction

from aftercare.incidents.assurance.measuring import summary_of, usual_of
from aftercare.incidents.assurance.notices import ask_after, tell_customer, tell_readiness
from aftercare.incidents.assurance.switching import switch
from aftercare.incidents.models import LIVE_STATES, Assurance, AssuranceCustomer, AssuranceItem
from aftercare.kernel.steps import take

log = logging.getLogger(__name__)

AT_ONCE = 50
LEASE = timedelta(seconds=5)
MEASURED_AGAIN = timedelta(days=1)
UNMEASURED_AGAIN = timedelta(minutes=1)


def assure_due(now: datetime) -> int:
    """Do everything that is due by now; returns how much it was."""
    return take((switch_due, remind_due, notice_due, tell_due, measure_due, summarise_due), now)


def switch_due(now: datetime) -> int:
    """Begin and end events."""
    return each_due(Assurance.objects.select_related("lead"), "step_at", lambda row: switch(row, now), now)


def remind_due(now: datetime) -> int:
    """Ask after what is overdue."""
    items = AssuranceItem.objects.select_related("assurance__lead", "owner").filter(assurance__state__in=LIVE_STATES)
    return each_due(items, "remind_at", lambda row: ask_after(row, now), now)


def notice_due(now: datetime) -> int:
    """Tell leads how ready their events are."""
    return each_due(Assurance.objects.select_related("lead"), "notice_at", lambda row: tell_readiness(row, now), now)


def tell_due(now: datetime) -> int:
    """Tell customers."""
    rows = AssuranceCustomer.objects.select_related("assurance__lead", "customer", "ticket")
    return each_due(rows, "tell_at", lambda row: tell_customer(row, now), now)


def each_due(rows: "models.QuerySet[Any]", name: str, do: Callable[[Any], None], now: datetime) -> int:
    """Do each row whose `name` is due, locked, longest due first; one that fails is put off."""
    done = 0
    for _one in range(AT_ONCE):
        pk = None
        try:
            with transaction.atomic():
                due = rows.filter(**{f"{name}__lte": now}).order_by(name, "pk")
                row = due.select_for_update(skip_locked=True, of=("self",), no_key=True).first()
                if row is None:
                    return done
                pk = row.pk
                do(row)
                done += 1
        except Exception:
            if pk is None:
                raise
            log.exception("%s of %s %s failed; tried again", name, rows.model.__name__, pk)
            rows.model.objects.filter(pk=pk, **{f"{name}__lte": now}).update(**{name: now + LEASE})
    return done


def measure_due(now: datetime) -> int:
    """Read the usual peak of one event that waits for it."""
    return asked_of_telemetry("measure_at", usual_of, lambda row, told: kept_usual(row, told, now), now)


def summarise_due(now: datetime) -> int:
    """Keep the figures of one event that is over."""
    return asked_of_telemetry("summarise_at", summary_of, kept_summary, now)


def asked_of_telemetry(
    name: str,
    ask: Callable[[Assurance, datetime], dict[str, Any]],
    keep: Callable[[Assurance, dict[str, Any]], None],
    now: datetime,
) -> int:
    """One row leased and asked for without a transaction; a telemetry that does not answer is asked again."""
    with transaction.atomic():
        due = Assurance.objects.filter(**{f"{name}__lte": now}).order_by(name)
        row = due.select_for_update(skip_locked=True, no_key=True).first()
        if row is None:
            return 0
        setattr(row, name, now + UNMEASURED_AGAIN)
        row.save(update_fields=[name])
    try:
        told = ask(row, now)
    except Exception:  # whatever telemetry raises: no figure is shown as unknown, and asked for again
        log.exception("%s of assurance %s could not be measured; tried again", name, row.ref)
        return 1
    keep(row, told)
    return 1


def kept_usual(assurance: Assurance, told: dict[str, Any], now: datetime) -> None:
    """The usual peak, to be read again tomorrow unless the event began by then."""
    again = now + MEASURED_AGAIN
    waiting = Assurance.objects.filter(pk=assurance.pk, state__in=LIVE_STATES, started_at=None)
    waiting.update(usual=told, measure_at=again if again < assurance.starts_at else None)
    Assurance.objects.filter(pk=assurance.pk).exclude(started_at=None).update(measure_at=None)


def kept_summary(assurance: Assurance, told: dict[str, Any]) -> None:
    """The figures, once."""
    Assurance.objects.filter(pk=assurance.pk).update(summary=told, summarise_at=None)
