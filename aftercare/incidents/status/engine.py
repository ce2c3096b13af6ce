"""The pages' own loop: what happened makes pages due, due pages are written, subscribers are told, days are counted.

In a loop of its own, so that telling a thousand customers in their tickets holds no page up.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from aftercare.incidents.models import Incident, IncidentCustomer, PublicIncident, StatusChange, StatusPage
from aftercare.incidents.status import publishing, writing
from aftercare.incidents.status.broadcasting import broadcast_due
from aftercare.incidents.status.changes import mark
from aftercare.incidents.status.in_groups import tell_groups
from aftercare.incidents.status.measuring import measure_due
from aftercare.incidents.status.subscribing import answer_asks, forget_unconfirmed
from aftercare.kernel.steps import take

CHANGES_AT_ONCE = 1_000
SWEPT_EVERY = timedelta(minutes=1)


class Sweeping:
    """When this process last looked for files of nobody; the first time when it starts."""

    last: datetime | None = None


def process_due(now: datetime) -> int:
    """Do everything that is due by now; returns how much it was. Safe to run in several processes."""
    return take(STEPS, now)


def take_changes(now: datetime) -> int:
    """Make due what shows incidents to which something happened; returns how many changes there were."""
    with transaction.atomic():
        changes = list(StatusChange.objects.select_for_update(skip_locked=True).order_by("pk")[:CHANGES_AT_ONCE])
        if not changes:
            return 0
        StatusChange.objects.filter(pk__in=[change.pk for change in changes]).delete()
        mark(pages_showing({change.incident_id for change in changes}, any(c.is_for_all for c in changes)), now)
    for ref in Incident.objects.filter(pk__in={c.incident_id for c in changes}).values_list("ref", flat=True):
        publishing.publish_where_many(ref, now)
    return len(changes)


def pages_showing(incidents: set[int], is_for_all: bool) -> "QuerySet[StatusPage]":
    """The pages on which these incidents stand."""
    pages = StatusPage.objects.all()
    if is_for_all:
        return pages
    theirs = Q(customer__in=IncidentCustomer.objects.filter(incident__in=incidents).values("customer"))
    is_public = PublicIncident.objects.filter(incident__in=incidents).exists()
    return pages.filter(theirs | Q(customer=None)) if is_public else pages.filter(theirs)


def sweep_due(now: datetime) -> int:
    """Each minute: files of addresses that are no more, and askers who never confirmed."""
    if Sweeping.last is not None and timedelta() <= now - Sweeping.last < SWEPT_EVERY:
        return 0
    Sweeping.last = now
    return writing.sweep_due() + forget_unconfirmed(now)


STEPS = (take_changes, writing.write_due, answer_asks, broadcast_due, measure_due, sweep_due, tell_groups)
