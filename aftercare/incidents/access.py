"""Who may see which incident: the provider all, a customer's people those that touch their customer."""

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.http import Http404

from aftercare.accounts.models import User
from aftercare.desk.models import Ticket
from aftercare.incidents.models import (
    TOLD_TO_CUSTOMERS,
    HeldBack,
    Incident,
    IncidentAlert,
    IncidentCustomer,
    Kind,
    Status,
    TimelineEntry,
)
from aftercare.watch.access import alerts_for as watch_alerts_for
from aftercare.watch.models import Alert

# What these lines say of an incident that monitoring opened is its first customer's, or the provider's own business.
SAY_WHAT = (Kind.OPENED, Kind.REOPENED)


def incidents_for(user: User) -> QuerySet[Incident]:
    """Every incident `user` may see. To a customer's people each comes with the title of their own ticket: that of a
    cause tells what of the provider's broke and how many others it touches.
    """
    incidents = Incident.objects.select_related("app", "customer", "cause", "acknowledged_by", "resolved_by")
    if user.customer_id is None:
        return incidents
    theirs = IncidentCustomer.objects.filter(incident=OuterRef("pk"), customer=user.customer_id)
    return incidents.filter(customers__customer_id=user.customer_id).annotate(
        told_title=Subquery(theirs.values("ticket__title")[:1]),
        told_title_zh=Subquery(theirs.values("ticket__title_zh")[:1]),
        reader_customer=Value(user.customer_id),
    )


def get_incident_for(user: User, ref: str) -> Incident:
    """The incident. Raises Http404 for a stranger, as if it were not there."""
    incident = incidents_for(user).filter(ref=ref).first()
    if incident is None:
        raise Http404
    return incident


def timeline_for(user: User, incident: Incident) -> QuerySet[TimelineEntry]:
    """What `user` may read of the timeline, oldest first: no other customer, no note, no list of who was woken."""
    entries = incident.timeline.select_related("actor", "customer").order_by("at", "pk")
    if user.customer_id is None:
        return entries
    entries = entries.filter(kind__in=TOLD_TO_CUSTOMERS)
    of_all = entries.filter(customer__isnull=True)
    if incident.declared_by_id is None and incident.customer_id != user.customer_id:
        of_all = of_all.exclude(kind__in=SAY_WHAT)
    return of_all | entries.filter(customer_id=user.customer_id)


def alerts_for(user: User, incident: Incident) -> QuerySet[IncidentAlert]:
    """The incident's alerts that `user` may see, the worst first, then the oldest."""
    alerts = incident.alerts.select_related("alert", "alert__app", "alert__source", "alert__customer")
    alerts = alerts.order_by("alert__severity", "joined_at", "pk")  # "red" sorts before "warning"
    return alerts if user.customer_id is None else alerts.filter(alert__customer_id=user.customer_id)


def customers_of(user: User, incident: Incident) -> QuerySet[IncidentCustomer]:
    """The customers the incident touches that `user` may know of."""
    touched = incident.customers.select_related("customer", "ticket").order_by("customer__name")
    return touched if user.customer_id is None else touched.filter(customer_id=user.customer_id)


def tickets_of(user: User, incident: Incident) -> QuerySet[Ticket]:
    """The tickets opened for the incident that `user` may see."""
    return Ticket.objects.filter(pk__in=customers_of(user, incident).values("ticket"))


def open_alerts_of(incident: Incident) -> QuerySet[IncidentAlert]:
    """The incident's alerts that are open now, the worst first."""
    still = incident.alerts.filter(alert__closed_at__isnull=True).select_related("alert__app", "alert__customer")
    return still.order_by("alert__severity", "joined_at", "pk")


def unheard_alerts_for(user: User) -> QuerySet[Alert]:
    """Open alerts that `user` may see and no open incident speaks of: theirs was ended by hand.

    What is held back on purpose is told of elsewhere.
    """
    spoken_of = IncidentAlert.objects.exclude(incident__status=Status.RESOLVED).values("alert")
    waiting = HeldBack.objects.filter(outcome="").values("alert")
    unspoken = watch_alerts_for(user).filter(closed_at__isnull=True).exclude(pk__in=spoken_of)
    return unspoken.exclude(pk__in=waiting)


def leading_alert(incident_id: int, customer_id: int | None = None) -> IncidentAlert | None:
    """The measured alert that a customer's ticket shows, or the page: the worst in the incident, then the oldest."""
    alerts = IncidentAlert.objects.filter(incident_id=incident_id).exclude(alert__metric="")
    if customer_id is not None:
        alerts = alerts.filter(alert__customer_id=customer_id)
    return alerts.select_related("alert").order_by("alert__severity", "joined_at", "pk").first()
