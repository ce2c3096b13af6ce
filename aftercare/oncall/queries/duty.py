"""Who is on duty now and who is next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from aftercare.accounts.models import User
from aftercare.oncall.models import Schedule
from aftercare.oncall.queries.policy import schedules_in_order
from aftercare.oncall.queries.shifts import Shift, shifts

LOOK_AHEAD = timedelta(days=57)


@dataclass(frozen=True)
class Duty:
    """One schedule at one instant: `now` holds until `until`, then comes `then`; None: not within eight weeks."""

    schedule: Schedule
    now: Shift
    until: datetime | None
    then: Shift | None


def users_on(schedule: Schedule, now: datetime) -> tuple[User, ...]:
    """Who holds this schedule at this instant."""
    return shifts(schedule, now, now + timedelta(seconds=1))[0].users


def schedule_duty(schedule: Schedule, now: datetime) -> Duty:
    """Who holds the schedule, until when, and who comes then (as far as eight weeks ahead)."""
    first, *rest = shifts(schedule, now, now + LOOK_AHEAD)
    then = next((shift for shift in rest if set(shift.users) != set(first.users)), None)
    return Duty(schedule, first, then.starts_at if then else None, then)


def duties(now: datetime) -> list[Duty]:
    """Every schedule's duty, in the order they are woken."""
    return [schedule_duty(schedule, now) for schedule in schedules_in_order()]


def on_duty(now: datetime) -> list[User]:
    """The people on duty now, each once, in the order they are woken."""
    return list(dict.fromkeys(user for schedule in schedules_in_order() for user in users_on(schedule, now)))
