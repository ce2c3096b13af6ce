"""Which alerts belong together by what broke, and which incident is about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aftercare.incidents.models import Incident, Status
from aftercare.telemetry.queries.resource_map import ResourceMap
from aftercare.watch.models import Alert

JOIN_WITHIN = timedelta(hours=2)
# What turns within so short a time of each other, in one place or under one parent, is taken for one thing.
TOGETHER = timedelta(minutes=5)
WIDENED, BESIDE = 100, 200


@dataclass(frozen=True)
class Match:
    """An open incident that a cause belongs to, and the resource that the incident is about from now on."""

    ref: str
    cause: int


def grouped(alerts: Sequence[Alert], now: datetime) -> list[tuple[int | None, list[Alert]]]:
    """The alerts of one origin by their cause, in the order of the worst of each; None: those without.

    One of which nothing is known goes with what its place's others were located at within TOGETHER: not every measure
    can be split by node. One that was looked at and lies elsewhere stays apart.
    """
    groups: dict[int | None, list[Alert]] = {}
    for alert in alerts:
        groups.setdefault(alert.cause_id or companion_cause(alert, now), []).append(alert)
    return list(groups.items())


def companion_cause(alert: Alert, now: datetime) -> int | None:
    """Where the other open alerts of the same app, or of all apps of a customer, were located just now."""
    if alert.customer_id is None or alert.located:
        return None
    others = Alert.objects.filter(customer=alert.customer_id, app=alert.app_id, closed_at__isnull=True)
    others = others.filter(cause__isnull=False, opened_at__gt=now - TOGETHER).order_by("-opened_at", "pk")
    return others.values_list("cause_id", flat=True).first()


def matching(cause: int, now: datetime, resources: ResourceMap) -> Match | None:
    """The open young incident about the same resource, else the nearest above it, else one below it, which widens;
    else one about a part of the same whole that opened within TOGETHER, which widens to the whole.
    """
    young = Incident.objects.filter(cause__isnull=False, opened_at__gt=now - JOIN_WITHIN)
    rows = young.exclude(status=Status.RESOLVED).order_by("opened_at", "pk").values_list("ref", "cause_id", "opened_at")
    line, found = resources.line(cause), list[tuple[int, Match]]()
    for ref, about, opened_at in rows:
        if about in line:
            found.append((line.index(about), Match(ref, about)))
        elif cause in resources.line(about):
            found.append((WIDENED, Match(ref, cause)))
        elif now - opened_at <= TOGETHER and (parent := resources.siblings(cause, about)) is not None:
            found.append((BESIDE, Match(ref, parent)))
    return min(found, key=lambda one: one[0])[1] if found else None
