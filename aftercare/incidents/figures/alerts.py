"""How much of what monitoring says is one thing said again, or nothing that a person was needed for."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import F, QuerySet

from aftercare.incidents.figures.noise import held_back_between
from aftercare.incidents.figures.times import row_of
from aftercare.incidents.figures.types import Counted, Row, Wanted, percent
from aftercare.incidents.models import EndReason, Incident, IncidentAlert

SHORT = timedelta(minutes=5)
BY_ITSELF = (EndReason.RECOVERED, EndReason.TOLD)


def of_alerts(opened: Sequence[Incident], wanted: Wanted) -> list[Counted]:
    """Alerts held back, alerts that joined, incidents that were over by themselves: each in per cent."""
    return [held_back(wanted), joined(wanted), short(opened)]


def held_back(wanted: Wanted) -> Counted:
    """The rows are what was held back; over those and the alerts that came into incidents without having waited."""
    rows = held_back_between(wanted)
    called = alerts_in_incidents(wanted).filter(alert__held=None).count()
    return Counted("held_back", percent(len(rows), len(rows) + called), len(rows) + called, rows=rows)


def alerts_in_incidents(wanted: Wanted) -> QuerySet[IncidentAlert]:
    """The alerts that came into incidents in the period."""
    links = IncidentAlert.objects.filter(joined_at__gte=wanted.start, joined_at__lt=wanted.end)
    if wanted.severity:
        links = links.filter(alert__severity=wanted.severity)
    if wanted.customer is not None:
        links = links.filter(alert__customer=wanted.customer)
    return links


def joined(wanted: Wanted) -> Counted:
    """The rows are incidents that alerts joined, those with most first."""
    links = alerts_in_incidents(wanted)
    every = links.count()
    added = links.filter(joined_at__gt=F("incident__opened_at")).order_by("joined_at", "pk")
    by_incident: dict[int, list[IncidentAlert]] = {}
    for link in added:
        by_incident.setdefault(link.incident_id, []).append(link)
    found = Incident.objects.select_related("app", "customer", "cause").prefetch_related("customers__customer")
    rows = []
    for one in found.filter(pk__in=by_incident):
        own = by_incident[one.pk]
        base = row_of(one, own[-1].joined_at)
        rows.append(Row(base.title, base.path, base.about, base.since, base.until, len(own)))
    rows.sort(key=lambda row: -(row.value or 0))
    return Counted("joined", percent(sum(map(len, by_incident.values())), every), every, rows=rows)


def short(opened: Sequence[Incident]) -> Counted:
    """Nobody had it, and it recovered within five minutes."""
    rows = [
        row_of(one, one.resolved_at)
        for one in opened
        if one.acknowledged_at is None
        and one.end_reason in BY_ITSELF
        and one.resolved_at is not None
        and one.resolved_at - one.opened_at <= SHORT
    ]
    rows.sort(key=lambda row: row.value or 0)
    return Counted("short", percent(len(rows), len(opened)), len(opened), rows=rows)
