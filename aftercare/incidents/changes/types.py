"""What a change and a freeze are made of, as forms and programs say it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aftercare.accounts.models import App, Customer, User
from aftercare.incidents.models import Risk
from aftercare.telemetry.models import Resource

# Days before the begin on which customers are told, by how bad it may get.
NOTICE_DAYS: dict[str, tuple[int, ...]] = {Risk.LOW: (3,), Risk.MEDIUM: (7, 3, 1), Risk.HIGH: (7, 3, 1)}
DAYS_OFFERED = (14, 7, 3, 2, 1)
LONGEST_WINDOW = timedelta(days=14)
FARTHEST = timedelta(days=400)
# Clocks of deploy systems and people: a start so much before the window still is in it.
EARLY = timedelta(minutes=5)


@dataclass(frozen=True)
class Texts:
    """What can be worded anew at any time before the change begins."""

    title: str
    title_zh: str
    plan: str
    feel: str
    feel_zh: str
    rollback: str
    executor: User | None = None


@dataclass(frozen=True)
class ChangeFacts:
    """A whole change. Times are instants; `timezone` is the zone in whose wall clock they were said."""

    kind: str
    texts: Texts
    risk: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    resources: Sequence[Resource] = ()
    apps: Sequence[App] = ()
    customers: Sequence[Customer] = ()
    notice_days: Sequence[int] | None = None
    expects_alerts: bool = False


@dataclass(frozen=True)
class FreezeFacts:
    """A whole freeze."""

    name: str
    name_zh: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    scope: str
    regions: Sequence[Resource] = field(default=())
    customers: Sequence[Customer] = field(default=())
    breakers: Sequence[User] = field(default=())
