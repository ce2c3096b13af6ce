"""Keeping schedules: a checked document with a version."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.access import can
from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.kernel.errors import Refused
from aftercare.oncall.actions.holes import Watched
from aftercare.oncall.models import CustomerSchedule, EscalationPolicy, Schedule, ScheduleVersion
from aftercare.oncall.queries.shifts import refs_in
from aftercare.oncall.roster.document import read_schedule


def turns_document(
    *, timezone: str, turns: Sequence[Sequence[User]], starts: datetime, every: str = "week"
) -> dict[str, Any]:
    """The document of people who take turns all the time: one layer from a local time on, `every` as `2 days`."""
    layer = {"turns": [[user.ref for user in turn] for turn in turns], "every": every, "starts": f"{starts:%F %T}"}
    return {"timezone": timezone, "layers": [layer]}


@transaction.atomic
def save_schedule(
    *,
    schedule: Schedule | None = None,
    version: int | None = None,
    name: str,
    document: Mapping[str, Any],
    accepts_holes: bool = True,
    actor: User | None,
    now: datetime,
) -> Schedule:
    """Make a schedule or give one its next version; nothing happens where it says the same already.

    `document` is the fields of a schedule (docs/on-call.md) but its name and changes, people by ref. Raises Refused
    with what does not fit, and, where `version` is told, when somebody has changed it since; OpensHoles where the new
    version leaves open what was covered and that is not accepted.
    """
    name = " ".join(name.split())[:80]
    if not name:
        raise Refused(_("Give the schedule a name."))
    read_schedule(document, name=name, around=now.date())
    kept = Schedule.objects.select_for_update().get(pk=schedule.pk) if schedule else None
    check_people(document, known=refs_in(kept.document) if kept else ())
    if Schedule.objects.filter(name=name).exclude(ref=kept.ref if kept else "").exists():
        raise Refused(_("There is a schedule called “%(name)s” already.") % {"name": name})
    if kept is None:
        kept = Schedule(name=name, document=dict(document), version=0, created_at=now)
    elif version is not None and kept.version != version:
        raise Refused(_("Somebody has changed this schedule meanwhile. Load it again, then make your change."))
    elif (kept.name, kept.document) == (name, document):
        return kept
    watched = Watched(kept, now, accepts=accepts_holes) if schedule else None
    kept.name, kept.document, kept.version = name, dict(document), kept.version + 1
    kept.look_at = now
    kept.save()
    if watched:
        watched.check(kept)
    ScheduleVersion.objects.create(
        schedule=kept, version=kept.version, name=name, document=kept.document, actor=actor, at=now
    )
    keep_record("schedule.save", kept.ref, actor, now, name=name, version=kept.version)
    return kept


@transaction.atomic
def delete_schedule(*, schedule: Schedule, actor: User | None, now: datetime) -> None:
    """Take a schedule away with its changes, versions and hand-overs. Raises Refused with what still uses it."""
    named = [policy.name for policy in EscalationPolicy.objects.all() if schedule.ref in refs_of_steps(policy)]
    if named:
        raise Refused(
            _("The escalation policy %(name)s still wakes %(schedule)s: take it out there first.")
            % {"name": ", ".join(named), "schedule": schedule.name}
        )
    own = CustomerSchedule.objects.filter(schedule=schedule).select_related("customer")
    if customers := [one.customer.name for one in own]:
        raise Refused(
            _("%(customers)s still begin with %(schedule)s: give them another first.")
            % {"customers": ", ".join(customers), "schedule": schedule.name}
        )
    keep_record("schedule.delete", schedule.ref, actor, now, name=schedule.name)
    schedule.delete()


def refs_of_steps(policy: EscalationPolicy) -> set[str]:
    """Whom and what a policy wakes."""
    return {step["ref"] for step in policy.steps}


def check_people(document: Mapping[str, Any], *, known: Sequence[str] = ()) -> None:
    """Raise Refused for a ref that is nobody's, and for somebody new who could take no page.

    Who has a place already (`known`) may stay in it: that they can take no page any more must not stand in the way of
    another change, and is warned about.
    """
    refs = refs_in(document)
    people = {user.ref: user for user in User.objects.filter(ref__in=refs)}
    for ref in refs:
        if ref not in people:
            raise Refused(_("There is nobody with the ref “%(ref)s”.") % {"ref": ref})
        if ref not in known:
            check_can_be_woken(people[ref])


def check_can_be_woken(person: User) -> None:
    """Raise Refused for somebody who could not take a page."""
    if not can(person, "acknowledge_pages"):
        raise Refused(_("%(person)s cannot take pages in their role.") % {"person": person.name})


@transaction.atomic
def set_customer_schedule(*, customer: Customer, schedule: Schedule | None, actor: User | None, now: datetime) -> None:
    """Let the customer's pages begin with this schedule; None: as everybody's do. Open pages keep their order."""
    known = CustomerSchedule.objects.filter(customer=customer).first()
    if (known.schedule if known else None) == schedule:
        return
    if schedule is None:
        CustomerSchedule.objects.filter(customer=customer).delete()
    else:
        CustomerSchedule.objects.update_or_create(customer=customer, defaults={"schedule": schedule})
    audit.record(
        actor=actor,
        action="schedule.customer",
        subject=customer.ref,
        customer_id=customer.pk,
        detail={"schedule": schedule.ref if schedule else ""},
        now=now,
    )


def keep_record(action: str, subject: str, actor: User | None, now: datetime, **detail: object) -> None:
    """The audit row of a change of the on-call."""
    audit.record(actor=actor, action=action, subject=subject, customer_id=None, detail=detail, now=now)
