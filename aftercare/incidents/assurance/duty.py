"""Denser duty: people who join a schedule for the event, and whose schedule its pages begin with.

A person joins by a change of the schedule, so that calendar, coverage and pages know of it at once and it ends by
itself. A customer without a schedule of its own is lent the event's while it lasts, so that its pages begin there.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.incidents.assurance.log import live, record
from aftercare.incidents.models import Assurance, AssuranceDuty, AssuranceState
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions as oncall
from aftercare.oncall.models import Change, ChangeKind, Schedule
from aftercare.oncall.queries import schedules_of_customers

DUTY_AT_MOST = 40


@transaction.atomic
def add_duty(*, assurance: Assurance, schedule: Schedule, user: User, actor: User, now: datetime) -> AssuranceDuty:
    """Let somebody join a schedule for the event. Twice counts once; Raises Refused for who can take no pages."""
    row = live(assurance)
    known = row.duty.filter(schedule=schedule, user=user).first()
    if known is not None:
        return known
    if row.duty.count() >= DUTY_AT_MOST:
        raise Refused(_("An assurance has %(limit)s people on duty at most.") % {"limit": DUTY_AT_MOST})
    duty = AssuranceDuty.objects.create(
        assurance=row, schedule=schedule, user=user, change=joining(row, schedule, user, actor, now)
    )
    if row.state == AssuranceState.RUNNING:
        lend(row, now)
    record("assurance.duty", row, actor, {"schedule": schedule.ref, "person": user.ref}, now)
    return duty


@transaction.atomic
def remove_duty(*, assurance: Assurance, duty_id: int, actor: User, now: datetime) -> None:
    """Somebody is not on duty for it after all. Raises Refused for a line of another assurance."""
    row = live(assurance)
    duty = row.duty.filter(pk=duty_id).select_related("change", "schedule").first()
    if duty is None:
        raise Refused(_("This is no longer on the list."))
    leave(duty.change, actor, now)
    schedule = duty.schedule
    duty.delete()
    if not row.duty.filter(schedule=schedule).exists():
        give_back(row, now, schedule)
    record("assurance.duty_removed", row, actor, {"duty": duty_id}, now)


def joining(assurance: Assurance, schedule: Schedule, user: User, actor: User | None, now: datetime) -> Change:
    """The change by which somebody joins for the event."""
    return oncall.add_change(
        schedule=schedule,
        kind=ChangeKind.ADD,
        user=user,
        starts_at=max(assurance.starts_at, now) if assurance.state == AssuranceState.RUNNING else assurance.starts_at,
        ends_at=assurance.ends_at,
        reason=_("Event assurance: %(title)s") % {"title": assurance.display_title},
        actor=actor,
        now=now,
    )


def leave(change: Change | None, actor: User | None, now: datetime) -> None:
    """End a change that is not over; one that somebody took away by hand is gone already."""
    if change is not None and change.ends_at > now:
        oncall.remove_change(change=change, actor=actor, now=now)


def move_duty(assurance: Assurance, actor: User | None, now: datetime) -> None:
    """The event is at another time: so is its duty. What somebody took away by hand stays away."""
    for duty in assurance.duty.select_related("change", "schedule", "user"):
        if duty.change is None:
            continue
        leave(duty.change, actor, now)
        duty.change = joining(assurance, duty.schedule, duty.user, actor, now)
        duty.save(update_fields=["change"])


def end_duty(assurance: Assurance, actor: User | None, now: datetime) -> None:
    """Duty is as usual from now on, also where the event ends before its time."""
    for duty in assurance.duty.select_related("change__schedule", "change__user"):
        leave(duty.change, actor, now)
    give_back(assurance, now)


def lend(assurance: Assurance, now: datetime) -> None:
    """Let the pages of customers without a schedule of their own begin with the event's first one."""
    first = assurance.duty.order_by("pk").select_related("schedule").first()
    if first is None:
        return
    own = schedules_of_customers()
    for touched in assurance.customers.select_related("customer").order_by("customer_id"):
        if touched.customer_id in own:
            continue
        oncall.set_customer_schedule(customer=touched.customer, schedule=first.schedule, actor=None, now=now)
        touched.lent = first.schedule
        touched.save(update_fields=["lent"])


def give_back(assurance: Assurance, now: datetime, schedule: Schedule | None = None) -> None:
    """Take back what was lent, unless a person chose another schedule meanwhile; another event may need it on."""
    lent = assurance.customers.exclude(lent=None).select_related("customer", "lent")
    if schedule is not None:
        lent = lent.filter(lent=schedule)
    own = schedules_of_customers()
    for touched in lent.order_by("customer_id"):
        if own.get(touched.customer_id) == touched.lent:
            oncall.set_customer_schedule(customer=touched.customer, schedule=None, actor=None, now=now)
        touched.lent = None
        touched.save(update_fields=["lent"])
        lend_again(touched.customer, assurance, now)


def lend_again(customer: Customer, ended: Assurance, now: datetime) -> None:
    """Another event of this customer that runs, too, lends its own schedule now."""
    running = Assurance.objects.filter(state=AssuranceState.RUNNING, customers__customer=customer)
    for other in running.exclude(pk=ended.pk).order_by("pk"):
        lend(other, now)
