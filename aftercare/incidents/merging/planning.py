"""What a merge would do, and why it cannot be done; asked before it is, and once more behind the locks."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.desk.models import Ticket
from aftercare.incidents.access import incidents_for
from aftercare.incidents.models import Incident, PublicIncident, Status

MOST = 50


@dataclass(frozen=True)
class Plan:
    """`goes` ends and is part of `stays`; `why_not` says what is in the way, empty for nothing."""

    goes: Incident
    stays: Incident
    why_not: str
    alerts: int
    customers: int
    newcomers: int
    tickets: int
    tasks: int


def plan_of(goes: Incident, stays: Incident) -> Plan:
    """What would go where."""
    return Plan(
        goes=goes,
        stays=stays,
        why_not=why_not(goes, stays),
        alerts=goes.alerts.count(),
        customers=goes.customers.count(),
        newcomers=len(newcomers(goes, stays)),
        tickets=Ticket.objects.filter(incident_ref=goes.ref, merged_into=None).count(),
        tasks=goes.tasks.filter(done_at=None).count(),
    )


def candidates(user: User, incident: Incident) -> QuerySet[Incident]:
    """What goes on besides, the newest first."""
    found = incidents_for(user).filter(merged_into=None).exclude(status=Status.RESOLVED).exclude(pk=incident.pk)
    return found.order_by("-opened_at", "-pk")


def younger_goes(one: Incident, other: Incident) -> tuple[Incident, Incident]:
    """The two as (goes, stays) where nobody chose: what was seen first stays."""
    return (other, one) if (one.opened_at, one.pk) <= (other.opened_at, other.pk) else (one, other)


def newcomers(goes: Incident, stays: Incident) -> set[int]:
    """The customers that `stays` would touch besides those of now."""
    theirs, known = (set(one.customers.values_list("customer_id", flat=True)) for one in (goes, stays))
    return theirs - known


def why_not(goes: Incident, stays: Incident) -> str:
    """Why `goes` cannot go into `stays`, in one sentence; empty where it can.

    What a person wrote for one customer alone is never shown to another, by going into it. Monitoring's words, which
    name an app, are no hindrance: each customer reads their own ticket's title instead.
    """
    if goes.pk == stays.pk:
        return _("Choose another incident.")
    for one in (goes, stays):
        if one.merged_into_id is not None:
            return _("“%(title)s” was merged into another incident already.") % {"title": one.title}
        if one.status == Status.RESOLVED:
            return _("“%(title)s” is over: only what goes on is merged.") % {"title": one.title}
    if stays.declared_by_id is not None and stays.customer_id is not None and newcomers(goes, stays):
        return _(
            "“%(title)s” was written for %(customer)s alone, and others would read it. Merge it the other way round, "
            "or open one for all of them."
        ) % {"title": stays.title, "customer": stays.customer}
    if PublicIncident.objects.filter(incident=goes).exists():
        return _(
            "“%(title)s” stands on the public status page. Merge it the other way round, or take it off there first."
        ) % {"title": goes.title}
    return ""
