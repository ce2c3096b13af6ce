"""What an incident of a cause shows the provider: what broke, whose alerts, and who is probably touched besides."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q

from aftercare.accounts.models import Customer
from aftercare.desk.evidence import shown, shown_volume
from aftercare.incidents.evidence import definition_of, in_unit
from aftercare.incidents.models import Incident, IncidentAlert
from aftercare.telemetry.models import Resource, ResourceServes
from aftercare.telemetry.queries.nodes import CUT_KINDS, present_nodes
from aftercare.telemetry.queries.resource_map import read_map
from aftercare.watch.models import Alert
from aftercare.watch.words import name_of

MOST_PARTS, MOST_CUSTOMERS, MOST_PROBABLE = 12, 50, 50


@dataclass(frozen=True)
class Side:
    """What was measured on one side of the cause, as people read it."""

    value: str
    volume: str


@dataclass(frozen=True)
class Proof:
    """The figures by which an alert was located."""

    alert: Alert
    metric: str
    limit: str
    inside: Side
    outside: Side | None


@dataclass(frozen=True)
class Part:
    """A resource of the incident: the cause, or what is part of it, `depth` levels down."""

    resource: Resource
    depth: int
    alerts: int
    still_open: int
    customers: int


@dataclass(frozen=True)
class Theirs:
    """One customer's share of the incident; `worst` is its worst figures inside and outside."""

    customer: Customer
    alerts: int
    still_open: int
    apps: int
    worst: Proof | None


@dataclass(frozen=True)
class CauseView:
    """All of it. `more_parts` and `more_customers` are those that are not listed."""

    cause: Resource
    proofs: list[Proof] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    more_parts: int = 0
    customers: list[Theirs] = field(default_factory=list)
    more_customers: int = 0


@dataclass(frozen=True)
class Probable:
    """A customer that the map says the cause serves, and that has no alert; `on_now` is None where nobody knows."""

    customer: Customer
    apps: int
    on_now: float | None


def cause_of(incident: Incident) -> CauseView | None:
    """What is shown of an incident's cause; None where it has none."""
    cause = incident.cause
    if cause is None:
        return None
    links = incident.alerts.select_related("alert__app", "alert__customer").order_by(
        "alert__severity", "joined_at", "pk"
    )
    proofs = {link.pk: proof for link in links if (proof := proof_of(link.alert)) is not None}
    parts = parts_of(incident, cause)
    customers = customers_in(list(links), proofs)
    return CauseView(
        cause,
        list({proof.metric: proof for proof in reversed(proofs.values())}.values())[::-1],
        parts[:MOST_PARTS],
        max(len(parts) - MOST_PARTS, 0),
        customers[:MOST_CUSTOMERS],
        max(len(customers) - MOST_CUSTOMERS, 0),
    )


def proof_of(alert: Alert) -> Proof | None:
    """The figures inside and outside of the cause; None for an alert that a label located, or that came with others."""
    inside = side_of(alert, "inside")
    if inside is None or not alert.is_measured:
        return None
    limit = shown(in_unit(alert, alert.threshold), definition_of(alert)["unit"])
    return Proof(alert, name_of(alert.metric), limit, inside, side_of(alert, "outside"))


def side_of(alert: Alert, name: str) -> Side | None:
    """One side's figures in words."""
    figures = alert.located.get(name)
    if not figures:
        return None
    definition = definition_of(alert)
    volume = shown_volume(figures["volume"], definition["volume_name"])
    return Side(shown(in_unit(alert, figures["value"]), definition["unit"]), volume)


def parts_of(incident: Incident, cause: Resource) -> list[Part]:
    """The cause and everything that is part of it, what has the most alerts first within each whole."""
    resources = read_map()
    rows = (
        incident.alerts.filter(alert__cause__isnull=False)
        .values("alert__cause")
        .annotate(
            n=Count("pk"),
            still=Count("pk", filter=Q(alert__closed_at=None)),
            whose=Count("alert__customer", distinct=True),
        )
    )
    counts = {row["alert__cause"]: (row["n"], row["still"], row["whose"]) for row in rows}
    below = resources.parts(cause.pk)
    known = Resource.objects.in_bulk(below)
    above = len(resources.line(cause.pk))

    def rank(pk: int) -> tuple[int, int, str]:
        return len(resources.line(pk)), -counts.get(pk, (0, 0, 0))[0], known[pk].name

    in_order = sorted(known, key=rank)
    return [Part(known[pk], len(resources.line(pk)) - above, *counts.get(pk, (0, 0, 0))) for pk in in_order]


def customers_in(links: Collection[IncidentAlert], proofs: dict[int, Proof]) -> list[Theirs]:
    """Each customer's alerts in the incident, those with the most open ones first."""
    groups: dict[int, list[IncidentAlert]] = defaultdict(list)
    for link in links:
        if link.alert.customer_id is not None:
            groups[link.alert.customer_id].append(link)
    found = []
    for theirs in groups.values():
        customer = theirs[0].alert.customer
        if customer is None:
            continue
        still_open = sum(link.alert.is_open for link in theirs)
        worst = next((proofs[link.pk] for link in theirs if link.pk in proofs), None)
        found.append(Theirs(customer, len(theirs), still_open, len({link.alert.app_id for link in theirs}), worst))
    return sorted(found, key=lambda one: (-one.still_open, -one.alerts, one.customer.name))


def probably_touched(incident: Incident, now: datetime) -> tuple[list[Probable], int]:
    """Customers that the map ties to the cause or a part of it, of which nobody has said yet whether it touches them:
    those with the most sessions over it first, and how many are not listed. Raises what the telemetry raises.
    """
    if incident.cause_id is None:
        return [], 0
    resources = read_map()
    below = resources.parts(incident.cause_id)
    settled = [
        *incident.customers.values_list("customer", flat=True),
        *incident.spared.values_list("customer", flat=True),
    ]
    ties = ResourceServes.objects.filter(resource__in=below).exclude(customer__in=settled).select_related("customer")
    groups: dict[int, list[ResourceServes]] = defaultdict(list)
    for tie in ties:
        groups[tie.customer_id].append(tie)
    if not groups:
        return [], 0
    names = {resources.by_pk[pk].name for pk in below}
    kinds = {(resources.by_pk[pk].kind, resources.by_pk[pk].name) for pk in below}
    on_now: dict[int, float] = defaultdict(float)
    for (app, cut, name), sessions in present_nodes(names, now).items():
        if any((kind, name) in kinds for kind in CUT_KINDS[cut]):
            on_now[app] += sessions
    found = [
        Probable(theirs[0].customer, len(apps), sum(on_now[app] for app in apps) if on_now else None)
        for theirs in groups.values()
        if (apps := {tie.app_id for tie in theirs if tie.app_id is not None}) is not None
    ]
    found.sort(key=lambda one: (-(one.on_now or 0), one.customer.name))
    return found[:MOST_PROBABLE], max(len(found) - MOST_PROBABLE, 0)
