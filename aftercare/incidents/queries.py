"""Reading incidents."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Prefetch, QuerySet

from aftercare.accounts.models import User
from aftercare.desk.evidence import EvidenceView, evidence_of
from aftercare.incidents.access import alerts_for, incidents_for, timeline_for
from aftercare.incidents.models import Incident, IncidentAlert, IncidentCustomer, Kind, Status
from aftercare.incidents.timeline import entry_sentence


@dataclass(frozen=True)
class IncidentFilter:
    """What the list is narrowed to; empty strings narrow nothing. `status` may also be "unresolved"."""

    status: str = ""
    severity: str = ""
    customer: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a timeline, told for one reader."""

    at: datetime
    kind: str
    sentence: str
    text: str


@dataclass(frozen=True)
class AlertView:
    """One alert of an incident with its evidence."""

    link: IncidentAlert
    evidence: EvidenceView | None


def list_incidents(user: User, wanted: IncidentFilter) -> QuerySet[Incident]:
    """What `user` may see, narrowed: unresolved first, red before warning, then the newest."""
    incidents = incidents_for(user)
    if wanted.status == "unresolved":
        incidents = incidents.exclude(status=Status.RESOLVED)
    elif wanted.status:
        incidents = incidents.filter(status=wanted.status)
    if wanted.severity:
        incidents = incidents.filter(severity=wanted.severity)
    if wanted.customer:
        incidents = incidents.filter(customers__customer__ref=wanted.customer)
    touched = IncidentCustomer.objects.select_related("customer")
    if user.customer_id is not None:
        touched = touched.filter(customer_id=user.customer_id)
    incidents = incidents.prefetch_related(Prefetch("customers", queryset=touched))
    return incidents.order_by(F("resolved_at").desc(nulls_first=True), "severity", "-opened_at", "-pk")


def list_unresolved(user: User) -> QuerySet[Incident]:
    """What is broken now, as far as `user` may see."""
    return list_incidents(user, IncidentFilter(status="unresolved"))


def get_timeline(user: User, incident: Incident) -> list[Line]:
    """The incident's story for this reader, oldest first."""
    entries = timeline_for(user, incident)
    return [
        Line(at=e.at, kind=e.kind, sentence=entry_sentence(e, user), text=str(e.data.get("text", ""))) for e in entries
    ]


def list_deliveries(user: User, incident: Incident) -> list[Line]:
    """Whom the page reached, by what and when; the provider's own business."""
    if not user.is_provider:
        return []
    entries = timeline_for(user, incident).filter(kind=Kind.DELIVERED)
    return [Line(at=e.at, kind=e.kind, sentence=entry_sentence(e, user), text="") for e in entries]


def list_alerts(user: User, incident: Incident) -> list[AlertView]:
    """The incident's alerts with what was measured, the worst first."""
    return [AlertView(link=link, evidence=evidence_of(link.evidence)) for link in alerts_for(user, incident)]
