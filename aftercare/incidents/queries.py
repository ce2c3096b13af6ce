"""Reading incidents."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Prefetch, Q, QuerySet

from aftercare.accounts.access import apps_for, customers_for
from aftercare.accounts.models import App, User
from aftercare.desk.evidence import EvidenceView, evidence_of
from aftercare.incidents.access import alerts_for, incidents_for, timeline_for
from aftercare.incidents.actions.locking import OF_MANY
from aftercare.incidents.models import (
    Annotation,
    Incident,
    IncidentAlert,
    IncidentCustomer,
    Kind,
    Status,
    TimelineEntry,
)
from aftercare.incidents.review.judging import Ruling, responsibility_of
from aftercare.incidents.timeline import channel_name, entry_sentence, entry_text
from aftercare.oncall.models import Page
from aftercare.oncall.queries import live_pages

__all__ = ["Ruling", "responsibility_of"]

MOST_TOLD = 8


@dataclass(frozen=True)
class IncidentFilter:
    """What the list is narrowed to; empty strings narrow nothing. `status` may also be "unresolved".

    `customer` and `app` are refs: one that does not exist for the reader narrows to nothing.
    """

    status: str = ""
    severity: str = ""
    customer: str = ""
    app: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Line:
    """One line of a timeline, told for one reader. `told_at`: when it was written down, if that was later."""

    pk: int
    at: datetime
    kind: str
    sentence: str
    text: str
    told_at: datetime | None
    annotations: list[Annotation]


@dataclass(frozen=True)
class Measured:
    """What was measured of one metric: the worst alert's evidence, with the limits of all alerts on that metric."""

    links: list[IncidentAlert]
    evidence: EvidenceView


@dataclass(frozen=True)
class Reached:
    """One person the page reached, and by what."""

    name: str
    channel: str
    at: datetime


def list_incidents(user: User, wanted: IncidentFilter) -> QuerySet[Incident]:
    """What `user` may see, narrowed: unresolved first, red before warning, then the newest; none that was merged."""
    incidents = incidents_for(user).filter(merged_into=None)
    if wanted.status == "unresolved":
        incidents = incidents.exclude(status=Status.RESOLVED)
    elif wanted.status:
        incidents = incidents.filter(status=wanted.status)
    if wanted.severity:
        incidents = incidents.filter(severity=wanted.severity)
    if wanted.customer:  # whom else an incident touches is not told to whom it touches
        asked = customers_for(user).filter(ref=wanted.customer)
        incidents = incidents.filter(customers__customer__in=asked)
    if wanted.app:
        app = apps_for(user).filter(ref=wanted.app).first()
        incidents = incidents.filter(about(app)) if app is not None else incidents.none()
    if wanted.since is not None:
        incidents = incidents.filter(opened_at__gte=wanted.since)
    touched = IncidentCustomer.objects.select_related("customer")
    if user.customer_id is not None:
        touched = touched.filter(customer_id=user.customer_id)
    incidents = incidents.prefetch_related(Prefetch("customers", queryset=touched))
    return incidents.order_by(F("resolved_at").desc(nulls_first=True), "severity", "-opened_at", "-pk")


def about(app: App) -> Q:
    """Incidents that speak of this app: its own, those without an app of its customer, and of those of a cause, or that
    others were merged into, the ones that hold an alert of it.
    """
    of_many = IncidentAlert.objects.filter(OF_MANY, alert__app=app).values("incident")
    return Q(app=app) | Q(app__isnull=True, customer=app.customer) | Q(pk__in=of_many)


def find_incidents(user: User, words: str) -> QuerySet[Incident]:
    """What `user` may see whose title holds the words, or whose ref they are; the newest first."""
    named = Q(title__icontains=words) | Q(title_zh__icontains=words)
    if user.customer_id is not None:  # what they cannot read must not be found either
        is_read = Q(cause=None) & (Q(customer=user.customer_id) | Q(declared_by__isnull=False))
        named = named & is_read | Q(told_title__icontains=words) | Q(told_title_zh__icontains=words)
    named |= Q(ref=words.lower())
    return incidents_for(user).filter(named).order_by("-opened_at", "-pk")


def list_unresolved(user: User) -> QuerySet[Incident]:
    """What is broken now, as far as `user` may see."""
    return list_incidents(user, IncidentFilter(status="unresolved"))


def get_timeline(user: User, incident: Incident, last: int | None = None) -> tuple[list[Line], int]:
    """The incident's story for this reader, oldest first: the `last` lines of it, and how many stand before them."""
    entries, before = list(entries_for(user, incident).reverse()[: last and last + 1]), 0
    if last is not None and len(entries) > last:
        entries, before = entries[:last], timeline_for(user, incident).count() - last
    return [line_of(entry, user) for entry in reversed(entries)], before


def entries_for(user: User, incident: Incident) -> QuerySet[TimelineEntry]:
    """The entries that `user` may read, oldest first, for our people with what was written under them."""
    found = timeline_for(user, incident)
    if not user.is_provider:
        return found
    written = Annotation.objects.filter(withdrawn_at=None).select_related("author")
    return found.prefetch_related(Prefetch("annotations", written, "written"))


def line_of(entry: TimelineEntry, user: User) -> Line:
    """The entry for this reader; what colleagues wrote under it is for colleagues."""
    return Line(
        pk=entry.pk,
        at=entry.at,
        kind=entry.kind,
        sentence=entry_sentence(entry, user),
        text=entry_text(entry),
        told_at=entry.told_at,
        annotations=getattr(entry, "written", []) if user.is_provider else [],
    )


def list_reached(user: User, incident: Incident) -> list[Reached]:
    """Whom the page reached, by what and when; the provider's own business."""
    if not user.is_provider:
        return []
    entries = timeline_for(user, incident).filter(kind=Kind.DELIVERED)
    return [Reached(e.actor.name if e.actor else "", channel_name(e), e.at) for e in entries]


def live_page_of(user: User, incident: Incident) -> Page | None:
    """The page that still calls people, for the provider's eyes."""
    return live_pages().filter(subject_ref=incident.ref).first() if user.is_provider else None


def list_measured(user: User, incident: Incident) -> list[Measured]:
    """What was measured, one entry for each metric and narrowing, the worst first.

    Of a cause, which has those of many apps, each metric is shown of the app where it is worst.
    """
    groups: dict[tuple[str, str], list[IncidentAlert]] = {}
    for link in alerts_for(user, incident).exclude(alert__metric=""):
        links = groups.setdefault((link.alert.metric, str(sorted(link.alert.filters.items()))), [])
        if not links or place_of(links[0]) == place_of(link):
            links.append(link)
    found = []
    for links in groups.values():
        evidence = evidence_of(links[0].evidence)
        if evidence is None:
            continue
        for other in links[1:]:
            more = evidence_of(other.evidence)
            if evidence.chart and more and more.chart:
                evidence.chart["thresholds"].extend(more.chart["thresholds"])
        found.append(Measured(links=links, evidence=evidence))
    return found


def place_of(link: IncidentAlert) -> tuple[int | None, int | None]:
    """Whose alert it is."""
    return link.alert.customer_id, link.alert.app_id


def list_told(user: User, incident: Incident) -> tuple[list[IncidentAlert], int]:
    """What was told from elsewhere: the open alerts first, the worst of them on top, and how many are not listed."""
    links = alerts_for(user, incident).filter(alert__metric="")
    order = (F("alert__closed_at").desc(nulls_first=True), "alert__severity", "joined_at", "pk")
    shown = list(links.order_by(*order)[:MOST_TOLD])
    return shown, links.count() - len(shown) if len(shown) == MOST_TOLD else 0
