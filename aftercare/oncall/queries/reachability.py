"""Whether people are reached, measured by test calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from aftercare.accounts.models import User
from aftercare.notify.queries import MeasuredReach
from aftercare.oncall.models import TrialCall, TrialState
from aftercare.oncall.queries.settings import oncall_settings

MEASURED = (TrialState.ANSWERED, TrialState.UNANSWERED, TrialState.FAILED)
SHOWN = 6


@dataclass(frozen=True)
class Reachability:
    """The test calls of one month (its first day), those first that were not answered."""

    month: date
    calls: Sequence[TrialCall]

    @property
    def measured(self) -> int:
        """How many calls have an outcome."""
        return sum(one.state in MEASURED for one in self.calls)

    @property
    def answered(self) -> int:
        """How many were answered in time."""
        return sum(one.state == TrialState.ANSWERED for one in self.calls)


def month_of(at: datetime, zone: ZoneInfo) -> date:
    """The month of an instant by this zone's calendar, as its first day."""
    return at.astimezone(zone).date().replace(day=1)


def reachability(now: datetime) -> Reachability:
    """This month's calls; the month is that of the provider's zone."""
    month = month_of(now, ZoneInfo(oncall_settings(now).timezone))
    order = [TrialState.UNANSWERED, TrialState.FAILED, TrialState.CALLED, TrialState.PLANNED, TrialState.LEFT_OUT]
    calls = TrialCall.objects.filter(month=month).select_related("user")
    places = {state: place for place, state in enumerate([*order, TrialState.ANSWERED])}
    return Reachability(month, sorted(calls, key=lambda one: (places[TrialState(one.state)], one.user.name)))


def trial_calls_of(user: User) -> list[TrialCall]:
    """One's own calls that were made, the newest first."""
    made = TrialCall.objects.filter(user=user).exclude(state=TrialState.PLANNED)
    return list(made.order_by("-month")[:SHOWN])


def measured_reach(user: User) -> list[MeasuredReach]:
    """The same as the page of one's contact methods shows it."""
    tones = {TrialState.ANSWERED: "healthy", TrialState.UNANSWERED: "breached", TrialState.FAILED: "breached"}
    return [
        MeasuredReach(
            one.called_at or one.due_at,
            one.channel_name,
            one.address,
            tones.get(TrialState(one.state), "unknown"),
            str(one.get_state_display()),
            one.reason,
            one.answered_at,
        )
        for one in trial_calls_of(user)
    ]
