"""Whom an incident hit: reckoned from raw rows while it goes on, and once more after its end."""

import logging
from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction

from aftercare.accounts.models import Customer
from aftercare.incidents.events import EntryWritten
from aftercare.incidents.models import Impact, Incident, IncidentAlert, Kind, Status
from aftercare.incidents.review.rules import rules_in_force
from aftercare.telemetry.queries import Affected, Beyond, affected_users
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.watch.models import Alert, Comparison
from aftercare.watch.types import AllApps

log = logging.getLogger(__name__)

BATCH = 3  # each may ask for hours of raw rows
LEASE = timedelta(minutes=2)
TRIES = 5
SETTLE = timedelta(seconds=45)  # the last reports of a window arrive a little after its end
AGAIN = timedelta(minutes=5)  # at first; the longer the span that is read, the more seldom
MOST_LIMITS = 20  # of one customer in one question; more alerts of one incident say the same
LONGEST = timedelta(hours=24)
CHANGES = {
    *(Kind.OPENED, Kind.DECLARED, Kind.ALERT_JOINED, Kind.ALERT_CLOSED, Kind.RESOLVED, Kind.REOPENED),
    Kind.MERGED,
}


def on_entry_written(event: EntryWritten) -> None:
    """What changes an incident's extent lets it be reckoned soon."""
    if event.kind in CHANGES:
        due_at = event.at + SETTLE
        Impact.objects.update_or_create(incident_id=event.incident_id, defaults={"due_at": due_at, "tries": 0})


def reckon_due(now: datetime) -> int:
    """Reckon what is due; returns how many. Safe to run in several processes."""
    claimed = claim(now)
    for impact in claimed:
        try:
            reckon(impact, now)
        except Exception:  # whatever telemetry raises: the lease runs out and it is tried again, at most TRIES times
            log.exception("impact of incident %s could not be reckoned (try %d)", impact.incident.ref, impact.tries)
    return len(claimed)


def claim(now: datetime) -> list[Impact]:
    """Due rows, leased until later, so that a crash only means one more try; after TRIES it stays unknown."""
    with transaction.atomic():
        due = Impact.objects.filter(due_at__lte=now).order_by("due_at")
        pks = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        rows = list(Impact.objects.filter(pk__in=pks).select_related("incident"))
        for row in rows:
            row.tries += 1
            row.due_at = now + LEASE * row.tries if row.tries < TRIES else None
            row.save(update_fields=["tries", "due_at"])
    return rows


def reckon(impact: Impact, now: datetime) -> None:
    """Ask telemetry for each customer, then keep what it said, graded by the rules in force."""
    incident = impact.incident
    found = {customer_id: asked(customer_id, limits) for customer_id, limits in limits_of(incident, now).items()}
    refs = dict(Customer.objects.filter(pk__in=found).values_list("pk", "ref"))
    known = [one for one in found.values() if one is not None]
    minutes = minutes_of(incident, now)
    users = sum(one.users for one in known) if known else None
    rules = rules_in_force()
    goes_on = incident.status != Status.RESOLVED
    Impact.objects.filter(pk=impact.pk, tries=impact.tries).update(
        due_at=now + max(AGAIN, (now - incident.opened_at) / 6) if goes_on else None,
        tries=0,
        reckoned_at=now,
        users=users,
        sessions=sum(one.sessions for one in known) if known else None,
        watched=sum(one.watched for one in known) if known else None,
        minutes=minutes,
        by_customer=[row_of(refs[pk], one) for pk, one in sorted(found.items())],
        level=rules.level_of(users, minutes),
        rules_version=rules.version,
    )


def row_of(ref: str, one: Affected | None) -> dict[str, str | int | None]:
    """One customer's figures as they are kept; None is unknown."""
    if one is None:
        return {"customer": ref, "users": None, "sessions": None, "watched": None}
    return {"customer": ref, "users": one.users, "sessions": one.sessions, "watched": one.watched}


def limits_of(incident: Incident, now: datetime) -> dict[int, list[tuple[Alert, Beyond]]]:
    """The limits that the incident's measured alerts crossed, by customer, the worst first."""
    found: dict[int, list[tuple[Alert, Beyond]]] = defaultdict(list)
    links = IncidentAlert.objects.filter(incident=incident, alert__customer__isnull=False).exclude(alert__metric="")
    for link in links.select_related("alert__app").order_by("alert__severity", "joined_at", "pk"):
        alert = link.alert
        if alert.metric in METRICS and alert.threshold is not None and alert.customer_id is not None:
            found[alert.customer_id].append((alert, beyond(alert, now)))
    return found


def beyond(alert: Alert, now: datetime) -> Beyond:
    """The alert's limit, over its span: from the window in which it fired to its end, at most its last day."""
    end = alert.closed_at or now
    start = alert.opened_at - timedelta(seconds=alert.window_s or 0)
    is_above = alert.comparison == Comparison.ABOVE
    return Beyond(alert.metric, alert.threshold or 0, is_above, max(start, end - LONGEST), end, alert.filters)


def asked(customer_id: int, limits: list[tuple[Alert, Beyond]]) -> Affected | None:
    """What telemetry says of one customer: all its alerts in one question where they are about one app.

    Of several apps each is asked apart: a user of two apps is two users there.
    """
    by_app: dict[int, list[Beyond]] = defaultdict(list)
    for alert, limit in limits:
        by_app[alert.app_id or 0].append(limit)
    if 0 in by_app:  # all apps together: whoever was hit in one of them is counted there, too
        by_app = {0: [limit for _alert, limit in limits]}
    told = [affected_users(AllApps(customer_id, pk), one[:MOST_LIMITS]) for pk, one in by_app.items()]
    known = [one for one in told if one is not None]
    if not known:
        return None
    return Affected(
        sum(one.users for one in known), sum(one.sessions for one in known), sum(one.watched for one in known)
    )


def minutes_of(incident: Incident, now: datetime) -> int:
    """How long users felt it, in whole minutes: until somebody said that its effect stopped, or its end."""
    until = incident.mitigated_at or incident.resolved_at or now
    return max(int((until - incident.opened_at).total_seconds() // 60), 0)
