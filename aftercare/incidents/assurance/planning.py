"""Planning an assurance: what it is, when, for whom; and saying that it is ready or called off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import App, User
from aftercare.incidents.assurance.checklist import copy_checklist
from aftercare.incidents.assurance.duty import end_duty, move_duty
from aftercare.incidents.assurance.log import live, record, write_entry
from aftercare.incidents.assurance.tightening import loosen
from aftercare.incidents.models import Assurance, AssuranceCustomer, AssuranceState
from aftercare.kernel.errors import Refused

LONGEST_EVENT = timedelta(days=45)
FURTHEST = timedelta(days=400)
APPS_AT_MOST = 50
NOTICE_DAYS = (7, 3, 1)


@dataclass(frozen=True)
class Plan:
    """What people say of an assurance. Instants are aware; `expected_concurrent` is sessions at once over all apps,
    `expected_mbps` their bandwidth in Mbps; None where nobody said.
    """

    title: str
    title_zh: str
    apps: Sequence[App]
    regions: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    expected_concurrent: int | None
    expected_mbps: float | None
    lead: User
    rehearsal_at: datetime | None
    war_room: str
    group: str
    freezes: bool
    tells_customers: bool


# What stays as it is once the event has begun.
SETTLED = ("starts_at", "zone", "expected_concurrent", "expected_mbps", "rehearsal_at")


@transaction.atomic
def plan_assurance(*, plan: Plan, token: str, actor: User, now: datetime) -> Assurance:
    """Write the assurance down with its checklist. `token` is of the form: sent twice it is one.

    Raises Refused where the time makes no sense or there is no app.
    """
    known = Assurance.objects.filter(token=token).first()
    if known is not None:
        return known
    check(plan, now)
    if plan.starts_at <= now:
        raise Refused(_("The event begins in the future."))
    assurance = Assurance.objects.create(
        **fields_of(plan), token=token, step_at=plan.starts_at, measure_at=now, created_by=actor, created_at=now
    )
    assurance.notice_at = next_notice(assurance, now)
    assurance.save(update_fields=["notice_at"])
    set_apps(assurance, plan.apps)
    copy_checklist(assurance, now)
    write_entry(assurance, "planned", now=now, actor=actor)
    record("assurance.plan", assurance, actor, {"starts_at": plan.starts_at.isoformat()}, now)
    return assurance


@transaction.atomic
def change_plan(*, assurance: Assurance, plan: Plan, actor: User, now: datetime) -> Assurance:
    """Change it; duty moves with the time. While it runs only its end and what people read can be changed.

    Raises Refused where the time makes no sense, or rules stand for an app that is left out.
    """
    row = live(assurance)
    check(plan, now)
    if row.state == AssuranceState.RUNNING:
        if any(getattr(plan, name) != getattr(row, name) for name in SETTLED) or set(plan.apps) != set(row.apps.all()):
            raise Refused(_("It has begun: only its end, its people and its words can still be changed."))
        row.step_at = plan.ends_at
    else:
        if plan.starts_at <= now:
            raise Refused(_("The event begins in the future."))
        row.step_at = plan.starts_at
    if row.rules.exclude(app__in=plan.apps).exists():
        raise Refused(_("An app with tighter rules is left out. Take its rules away first."))
    moved = (plan.starts_at, plan.ends_at) != (row.starts_at, row.ends_at)
    for name, value in fields_of(plan).items():
        setattr(row, name, value)
    row.measure_at = now
    row.notice_at = next_notice(row, now)
    row.save()
    set_apps(row, plan.apps)
    if moved:
        move_duty(row, actor, now)
    write_entry(row, "changed", now=now, actor=actor)
    record("assurance.change", row, actor, {"starts_at": plan.starts_at.isoformat()}, now)
    return row


@transaction.atomic
def say_ready(*, assurance: Assurance, is_ready: bool, actor: User, now: datetime) -> None:
    """Everything is done, or not after all. Twice counts once; Raises Refused once it has begun."""
    row = live(assurance)
    if row.state == AssuranceState.RUNNING:
        raise Refused(_("It has begun already."))
    wanted = AssuranceState.READY if is_ready else AssuranceState.PLANNED
    if row.state == wanted:
        return
    row.state = wanted
    row.save(update_fields=["state"])
    write_entry(row, "ready" if is_ready else "unready", now=now, actor=actor)
    record("assurance.ready", row, actor, {"ready": is_ready}, now)


@transaction.atomic
def call_off(*, assurance: Assurance, actor: User, now: datetime) -> None:
    """The event does not take place: rules and duty are as usual from now on. Raises Refused once it is over."""
    row = live(assurance)
    loosen(row, now)
    end_duty(row, actor, now)
    row.state = AssuranceState.CANCELLED
    row.step_at = row.notice_at = row.measure_at = None
    row.ended_at = now
    row.save()
    row.items.update(remind_at=None)
    row.customers.update(tell_at=None)
    write_entry(row, "cancelled", now=now, actor=actor)
    record("assurance.cancel", row, actor, {}, now)


@transaction.atomic
def note_rehearsal(*, assurance: Assurance, result: str, actor: User, now: datetime) -> None:
    """How the rehearsal went. Raises Refused where nothing is said."""
    result = result.replace("\x00", "").replace("\r\n", "\n").strip()[:4000]
    if not result:
        raise Refused(_("Say how the rehearsal went."))
    row = live(assurance)
    row.rehearsal_result = result
    row.save(update_fields=["rehearsal_result"])
    write_entry(row, "rehearsed", now=now, actor=actor, text=result)
    record("assurance.rehearsal", row, actor, {}, now)


def check(plan: Plan, now: datetime) -> None:
    """Raise Refused with the sentence for the first thing that makes no sense."""
    if not plan.title and not plan.title_zh:
        raise Refused(_("Say in one sentence what the event is."))
    if plan.ends_at <= plan.starts_at:
        raise Refused(_("The end must lie after the beginning."))
    if plan.ends_at <= now:
        raise Refused(_("This time is over already."))
    if plan.ends_at - plan.starts_at > LONGEST_EVENT:
        raise Refused(_("An assurance lasts at most %(days)d days.") % {"days": LONGEST_EVENT.days})
    if plan.starts_at - now > FURTHEST:
        raise Refused(_("The event lies more than a year ahead."))
    if not 0 < len(plan.apps) <= APPS_AT_MOST:
        raise Refused(_("Choose one to %(most)d apps.") % {"most": APPS_AT_MOST})
    if plan.rehearsal_at is not None and plan.rehearsal_at >= plan.starts_at:
        raise Refused(_("The rehearsal lies before the event."))


def fields_of(plan: Plan) -> dict[str, object]:
    """The plan as columns."""
    return {name: getattr(plan, name) for name in Plan.__dataclass_fields__ if name != "apps"}


def set_apps(assurance: Assurance, apps: Sequence[App]) -> None:
    """The apps, and with them the customers; one whose app is left out sees it no more, and keeps its ticket."""
    assurance.apps.set(apps)
    customers = {app.customer_id for app in apps}
    assurance.customers.exclude(customer__in=customers).delete()
    AssuranceCustomer.objects.bulk_create(
        [AssuranceCustomer(assurance=assurance, customer_id=pk) for pk in sorted(customers)], ignore_conflicts=True
    )


def next_notice(assurance: Assurance, now: datetime) -> datetime | None:
    """When it is next told how ready it is: 7, 3 and 1 days before; None once all are past."""
    moments = (assurance.starts_at - timedelta(days=days) for days in NOTICE_DAYS)
    return next((at for at in moments if at > now), None)
