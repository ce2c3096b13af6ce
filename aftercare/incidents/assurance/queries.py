"""Reading assurances: how ready one is, what belongs to it, and who is on duty for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftercare.accounts.models import Customer, User
from aftercare.incidents.access import customers_of, incidents_for
from aftercare.incidents.assurance.access import apps_of, assurances_for
from aftercare.incidents.models import Assurance, AssuranceState, Incident
from aftercare.watch.access import alerts_for
from aftercare.watch.models import Alert

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Readiness:
    """How far the preparation is: things in all, open, and overdue ones, at one instant."""

    total: int
    open: int
    overdue: int

    @property
    def tone(self) -> str:
        """As a state's name."""
        return "breached" if self.overdue else "warning" if self.open else "healthy" if self.total else "unknown"

    @property
    def sentence(self) -> str:
        """`3 of 14 things are open, 1 overdue`; what is on nobody's list is not done."""
        if not self.total:
            return _("Nothing is on the checklist: how ready we are is unknown")
        if not self.open:
            return ngettext("The one thing is done", "All %(total)d things are done", self.total) % {
                "total": self.total
            }
        told = _("%(open)d of %(total)d things are open") % {"open": self.open, "total": self.total}
        return f"{told}{_(', %(n)d overdue') % {'n': self.overdue}}" if self.overdue else told


def readiness(assurance: Assurance, now: datetime, customer: Customer | None = None) -> Readiness:
    """How ready it is; with a customer, what is theirs to do alone."""
    items = assurance.items.all() if customer is None else assurance.items.filter(customer=customer)
    undone = items.filter(done_at=None)
    return Readiness(items.count(), undone.count(), undone.filter(due_at__lte=now).count())


def time_left(assurance: Assurance, now: datetime) -> str:
    """`2 days left`, `3 hours left`; while it runs, until its end; "" once it is over."""
    if not assurance.is_live:
        return ""
    until = assurance.ends_at if assurance.state == AssuranceState.RUNNING else assurance.starts_at
    left = max(until - now, timedelta(0))
    if left >= 2 * DAY:
        return _("%(n)d days left") % {"n": left // DAY}
    if left >= timedelta(hours=2):
        return _("%(n)d hours left") % {"n": left // timedelta(hours=1)}
    return _("%(n)d minutes left") % {"n": left // timedelta(minutes=1)}


def readiness_sentence(assurance: Assurance, now: datetime) -> str:
    """How ready it is and how long there is: `3 of 14 things are open, 1 overdue, 2 days left`."""
    said = [readiness(assurance, now).sentence, time_left(assurance, now)]
    return _(", ").join(part for part in said if part)


def list_assurances(user: User) -> QuerySet[Assurance]:
    """What this person may see: what runs, then what comes, the next first, then what is over, the last first."""
    place = Case(
        When(state=AssuranceState.RUNNING, then=Value(0)),
        When(state__in=(AssuranceState.PLANNED, AssuranceState.READY), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    soonest = Case(When(state__in=(AssuranceState.PLANNED, AssuranceState.READY), then="starts_at"))
    return assurances_for(user).annotate(place=place, soonest=soonest).order_by("place", "soonest", "-starts_at", "-pk")


def span_of(assurance: Assurance, now: datetime) -> tuple[datetime, datetime]:
    """The time that it really ran or will."""
    start = assurance.started_at or assurance.starts_at
    return start, min(assurance.ended_at or now, now)


def incidents_of(user: User, assurance: Assurance, now: datetime) -> QuerySet[Incident]:
    """The incidents that touched its apps while it ran, as far as this person may see them, the oldest first."""
    start, end = span_of(assurance, now)
    apps = apps_of(user, assurance)
    customers = apps.values("customer_id")
    about = Q(app__in=apps) | Q(alerts__alert__app__in=apps) | Q(app=None, customers__customer__in=customers)
    at_the_time = Q(resolved_at=None) | Q(resolved_at__gt=start)
    found = incidents_for(user).filter(at_the_time, opened_at__lt=end, merged_into=None).filter(about)
    return found.distinct().order_by("opened_at", "pk")


def alerts_of(user: User, assurance: Assurance, now: datetime) -> QuerySet[Alert]:
    """The alerts of its apps while it ran, the oldest first."""
    start, end = span_of(assurance, now)
    apps = apps_of(user, assurance)
    about = Q(app__in=apps) | Q(app=None, customer__in=apps.values("customer_id"))
    at_the_time = Q(closed_at=None) | Q(closed_at__gt=start)
    return alerts_for(user).filter(about, at_the_time, opened_at__lt=end).order_by("opened_at", "pk")


def running_beside(user: User, incident: Incident) -> QuerySet[Assurance]:
    """The events that run now and whose app this incident is about or whose customer it touches."""
    customers = customers_of(user, incident).values("customer_id")
    about = Q(apps=incident.app_id) if incident.app_id else Q(customers__customer__in=customers)
    return assurances_for(user).filter(about, state=AssuranceState.RUNNING).distinct().order_by("starts_at", "pk")
