"""What a page shows, gathered for many pages at once in a handful of queries; nothing here asks the telemetry."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from aftercare.incidents.models import (
    ComponentNow,
    ComponentState,
    Incident,
    IncidentAlert,
    IncidentCustomer,
    PublicIncident,
    PublicUpdate,
    Severity,
    Stage,
    StatusComponent,
    StatusPage,
    Telling,
    Update,
)
from aftercare.incidents.status.planned import Planned, list_planned

HISTORY = timedelta(days=90)
# What an incident is called on the page of a customer whom its own title might tell of others, or of our hosts.
NEUTRAL = ("Service disruption", "服务异常")
WORST_FIRST = (
    *(ComponentState.OUTAGE, ComponentState.DEGRADED, ComponentState.MAINTENANCE),
    *(ComponentState.UNKNOWN, ComponentState.OPERATIONAL),
)
OF_VERDICT = {
    "healthy": ComponentState.OPERATIONAL,
    "warning": ComponentState.OPERATIONAL,
    "breached": ComponentState.DEGRADED,
}


@dataclass(frozen=True)
class Told:
    """An update as pages show it."""

    ref: str
    stage: str
    body: str
    body_zh: str
    at: datetime
    next_due_at: datetime | None


@dataclass(frozen=True)
class Shown:
    """An incident as one page shows it; `updates` the newest first. `state` is what it makes of what it touches."""

    ref: str
    title: str
    title_zh: str
    opened_at: datetime
    resolved_at: datetime | None
    mitigated_at: datetime | None
    state: ComponentState
    metrics: frozenset[str]
    updates: tuple[Told, ...]


@dataclass(frozen=True)
class Line:
    """A component as one page shows it."""

    ref: str
    metric: str
    name: str
    name_zh: str
    state: ComponentState
    standing: ComponentNow | None


@dataclass(frozen=True)
class PageFacts:
    """Everything that the files of one page are written from."""

    page: StatusPage
    name: str
    name_zh: str
    zone: str
    language: str
    now: datetime
    components: tuple[Line, ...]
    going_on: tuple[Shown, ...]
    past: tuple[Shown, ...]
    planned: tuple[Planned, ...]

    @property
    def state(self) -> ComponentState:
        """The whole in one word: the worst of what goes on and of the components; unknown outweighs good."""
        states = {*(one.state for one in self.going_on), *(line.state for line in self.components)}
        return next((state for state in WORST_FIRST if state in states), ComponentState.OPERATIONAL)


@dataclass
class Gathered:
    """Rows for many pages, by what finds them."""

    incidents: dict[int, Incident] = field(default_factory=dict)
    of_customer: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    published: dict[int, PublicIncident] = field(default_factory=dict)
    updates: dict[int, list[tuple[int, Told]]] = field(default_factory=lambda: defaultdict(list))
    told_to: set[tuple[int, int]] = field(default_factory=set)
    told_publicly: set[int] = field(default_factory=set)
    metrics: dict[int, frozenset[str]] = field(default_factory=dict)
    components: list[StatusComponent] = field(default_factory=list)
    standings: dict[tuple[int, int | None], ComponentNow] = field(default_factory=dict)
    planned: list[Planned] = field(default_factory=list)
    public: StatusPage | None = None


def gather(pages: Sequence[StatusPage], now: datetime) -> list[PageFacts]:
    """The facts of each page, in the order of `pages` (customers loaded)."""
    rows = gather_rows([page.customer_id for page in pages], now)
    return [facts_of(page, rows, now) for page in pages]


def gather_rows(customers: Sequence[int | None], now: datetime) -> Gathered:
    """Everything that the pages of these customers (None: the public one) are made of."""
    rows = Gathered()
    theirs = [pk for pk in customers if pk is not None]
    rows.public = StatusPage.objects.filter(customer=None).first()
    lasting = Q(incident__resolved_at=None) | Q(incident__opened_at__gte=now - HISTORY)
    links = IncidentCustomer.objects.filter(lasting, customer__in=theirs).order_by("-incident__opened_at")
    for customer, incident in links.values_list("customer_id", "incident_id"):
        rows.of_customer[customer].append(incident)
    published = PublicIncident.objects.filter(lasting)
    about = {pk for found in rows.of_customer.values() for pk in found}
    rows.published = {one.incident_id: one for one in published.filter(Q(incident__in=about) | whole(customers))}
    about |= rows.published.keys() if None in customers else set()
    rows.incidents = Incident.objects.select_related("app").in_bulk(about)
    rows.metrics = metrics_of(about)
    # What was told before an incident was merged stands under the one that it went into, for whom it was told to.
    home = {pk: one.merged_into_id or pk for pk, one in rows.incidents.items()}
    for one in Update.objects.filter(incident__in=about).order_by("-at", "-number"):
        told = Told(one.ref, one.stage, one.body, one.body_zh, one.at, one.next_due_at)
        rows.updates[home[one.incident_id]].append((one.pk, told))
    telling = Telling.objects.filter(update__incident__in=about, customer__in=theirs)
    rows.told_to = set(telling.values_list("update_id", "customer_id"))
    rows.told_publicly = set(
        PublicUpdate.objects.filter(publication__incident__in=about).values_list("update_id", flat=True)
    )
    rows.components = list(StatusComponent.objects.all())
    standing = ComponentNow.objects.filter(Q(customer=None) | Q(customer__in=theirs))
    rows.standings = {(one.component_id, one.customer_id): one for one in standing}
    rows.planned = list_planned(now)
    return rows


def whole(customers: Iterable[int | None]) -> Q:
    """Every publication where the public page is among them, else none. Not by an empty Q: "or" leaves that out."""
    return Q(pk__isnull=False) if None in customers else Q(pk__in=[])


def metrics_of(incidents: Iterable[int]) -> dict[int, frozenset[str]]:
    """The metrics of the open alerts in each incident."""
    found: dict[int, set[str]] = defaultdict(set)
    alerts = IncidentAlert.objects.filter(incident__in=incidents, alert__closed_at=None).exclude(alert__metric="")
    for incident, metric in alerts.values_list("incident_id", "alert__metric").distinct():
        found[incident].add(metric)
    return {incident: frozenset(metrics) for incident, metrics in found.items()}


def facts_of(page: StatusPage, rows: Gathered, now: datetime) -> PageFacts:
    """One page's."""
    customer = page.customer
    about = rows.published if customer is None else rows.of_customer.get(customer.pk, [])
    known = [rows.incidents[pk] for pk in about if pk in rows.incidents]
    shown = [shown_of(one, page.customer_id, rows) for one in known if one.merged_into_id is None]
    shown.sort(key=lambda one: one.opened_at, reverse=True)
    going_on = tuple(one for one in shown if one.resolved_at is None)
    planned = tuple(one for one in rows.planned if one.concerns(page.customer_id))
    is_maintained = any(one.is_under_way(now) for one in planned)
    public = rows.public or page
    return PageFacts(
        page=page,
        name=customer.name if customer else public.name,
        name_zh=(customer.name_zh or customer.name) if customer else public.name_zh,
        zone=customer.timezone if customer else public.timezone,
        language=customer.language if customer else "",
        now=now,
        components=tuple(
            line_of(one, page.customer_id, rows, going_on, is_maintained)
            for one in rows.components
            if stands_on(one, page.customer_id)
        ),
        going_on=going_on,
        past=tuple(one for one in shown if one.resolved_at is not None),
        planned=planned,
    )


def stands_on(component: StatusComponent, customer_id: int | None) -> bool:
    """Whether the component is on the page of this customer, None: on the public one."""
    if component.customer_id is not None:
        return component.customer_id == customer_id
    return component.on_public if customer_id is None else component.on_private


def shown_of(incident: Incident, customer_id: int | None, rows: Gathered) -> Shown:
    """The incident for one page: with the updates that were told there, and no word of anybody else."""
    title, title_zh = title_for(incident, customer_id, rows.published.get(incident.pk))
    if customer_id is None:
        updates = [told for pk, told in rows.updates[incident.pk] if pk in rows.told_publicly]
    else:
        updates = [told for pk, told in rows.updates[incident.pk] if (pk, customer_id) in rows.told_to]
    is_felt = incident.severity == Severity.RED and incident.mitigated_at is None
    if updates and updates[0].stage in (Stage.MITIGATED, Stage.MONITORING, Stage.RESOLVED):
        is_felt = False
    return Shown(
        ref=incident.ref,
        title=title,
        title_zh=title_zh,
        opened_at=incident.opened_at,
        resolved_at=incident.resolved_at,
        mitigated_at=incident.mitigated_at,
        state=ComponentState.OUTAGE if is_felt else ComponentState.DEGRADED,
        metrics=rows.metrics.get(incident.pk, frozenset()),
        updates=tuple(updates),
    )


def title_for(incident: Incident, customer_id: int | None, published: PublicIncident | None) -> tuple[str, str]:
    """What it is called there. Its own title only where it can tell of nobody else: it is this customer's own, or a
    person wrote it for all whom it touches.
    """
    owner = incident.customer_id or (incident.app.customer_id if incident.app else None)
    is_theirs = customer_id is not None and owner == customer_id
    is_written = customer_id is not None and owner is None and incident.declared_by_id is not None
    if is_theirs or is_written:
        return incident.title, incident.title_zh or incident.title
    return (published.title, published.title_zh) if published else NEUTRAL


def line_of(
    component: StatusComponent,
    customer_id: int | None,
    rows: Gathered,
    going_on: Sequence[Shown],
    is_maintained: bool,
) -> Line:
    """How the component is on this page: what an incident or people say of it, else what is measured."""
    by_hand = not component.metric
    standing = rows.standings.get((component.pk, None if by_hand else customer_id))
    if by_hand:
        state = ComponentState(component.said)
    else:
        state = OF_VERDICT.get(standing.verdict if standing else "", ComponentState.UNKNOWN)
    said = [one.state for one in going_on if component.metric in one.metrics]
    state = min([state, *said], key=WORST_FIRST.index) if said else state
    if is_maintained and state in (ComponentState.OUTAGE, ComponentState.DEGRADED, ComponentState.UNKNOWN):
        state = ComponentState.MAINTENANCE
    return Line(component.ref, component.metric, component.name, component.name_zh, state, standing)


def of_language(chinese: bool, one: Any, name: str) -> str:
    """A text of one of these in a language: `title` and `title_zh`, `name` and `name_zh`."""
    return str((chinese and getattr(one, f"{name}_zh")) or getattr(one, name))
