"""When customers were promised the next word about an incident: one clock, about the incident's ref.

It starts when the incident touches a customer and the rules owe a first word (by default: when it is red); each update
stops it and starts the one that was promised in it. The incident's end makes the rest not owed.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.models import User
from aftercare.accounts.queries.people import list_staff_with
from aftercare.clocks import actions as clocks
from aftercare.clocks.events import ClockBreached, ClockReached
from aftercare.clocks.models import Clock
from aftercare.clocks.queries import clocks_going
from aftercare.clocks.types import ALWAYS, Policy, Step
from aftercare.incidents.models import Incident, Kind
from aftercare.incidents.review.rules import rules_in_force
from aftercare.incidents.timeline import write_entry
from aftercare.notify import actions as notify

UPDATE_CLOCK = "incident_update"
LABEL = gettext_noop("Update to customers")
STEPS = (Step(50, "half"), Step(80, "near"), Step(100, "overdue"))
ENDED = gettext_noop("the incident ended")


def promise_first(incident: Incident, now: datetime) -> None:
    """An incident that touches a customer: its people hear of us as soon as the rules in force say, if they do."""
    within = rules_in_force().first_within(incident.severity)
    if within is not None and incident.customers.exists():
        promise(incident, within, now)


def promise(incident: Incident, within: timedelta, now: datetime) -> None:
    """Start the clock of the next update, unless one is going."""
    policy = Policy(int(within.total_seconds()), ALWAYS, STEPS, LABEL)
    clocks.start(kind=UPDATE_CLOCK, subject_ref=incident.ref, customer_id=incident.customer_id, policy=policy, at=now)


def kept(incident: Incident, now: datetime) -> None:
    """Customers were told."""
    clocks.stop(kind=UPDATE_CLOCK, subject_ref=incident.ref, at=now)


def not_owed(incident: Incident, now: datetime) -> None:
    """It is over: whoever was told so needs no further word."""
    clocks.cancel(kind=UPDATE_CLOCK, subject_ref=incident.ref, at=now, reason=ENDED)


def clock_of(incident: Incident) -> Clock | None:
    """The clock that runs now."""
    return clocks_going([incident.ref]).filter(kind=UPDATE_CLOCK).first()


def on_clock_reached(event: ClockReached) -> None:
    """Whoever has the incident is reminded before customers wait in vain."""
    if event.kind == UPDATE_CLOCK:
        remind(event.subject_ref, event.step, event.at)


def on_clock_breached(event: ClockBreached) -> None:
    """It was promised, and nothing came: it stands in the timeline."""
    incident = Incident.objects.filter(ref=event.subject_ref).first() if event.kind == UPDATE_CLOCK else None
    if incident is not None:
        write_entry(incident, Kind.UPDATE_OVERDUE, now=event.at)


def remind(ref: str, step: str, now: datetime) -> None:
    """Push to whoever has it; once it is overdue, or nobody has it, to everyone who may act on incidents."""
    incident = Incident.objects.select_related("acknowledged_by").filter(ref=ref).first()
    if incident is None:
        return
    holder = incident.acknowledged_by
    people = [holder] if holder is not None and step != "overdue" else who_may_tell()
    for person in people:
        with translation.override(person.language or settings.LANGUAGE_CODE):
            title = (
                _("Overdue: customers wait for an update") if step == "overdue" else _("Customers wait for an update")
            )
            notify.push(
                user=person,
                kind="incident.update",
                subject_ref=incident.ref,
                title=title,
                body=incident.display_title,
                url_path=f"/incidents/{incident.ref}/updates",
                now=now,
            )


def who_may_tell() -> list[User]:
    """Everyone who may act on incidents."""
    return list(list_staff_with("act_on_incidents").order_by("pk"))
