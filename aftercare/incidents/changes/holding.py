"""Maintenance that expects alerts: which of them it holds back, and until when."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from aftercare.incidents.changes.scope import reach_of, scope_of
from aftercare.incidents.models import Change, ChangeState, Reach
from aftercare.watch.models import Alert

EXPECTING = (ChangeState.ANNOUNCED, ChangeState.RUNNING)


def maintenance_of(alerts: Sequence[Alert], now: datetime) -> dict[int, Change]:
    """By an alert's primary key the change that expects it; it holds until the change's `ends_at`, or its earlier end.

    A change expects the alerts of its resources and apps that open in its window, while it is announced or runs; at
    `now` its window must not be over. What only shares a customer with it is not held. Reads rows, writes none.
    """
    found: dict[int, Change] = {}
    for change in expecting(now):
        scope = scope_of(change)
        for alert in alerts:
            is_in = change.starts_at <= alert.opened_at <= change.ends_at
            if is_in and alert.pk not in found and reach_of(scope, alert) in (Reach.RESOURCE, Reach.APP):
                found[alert.pk] = change
    return found


def expecting(now: datetime) -> QuerySet[Change]:
    """The changes that expect alerts at this instant, the one that ends last first."""
    windows = Change.objects.filter(expects_alerts=True, starts_at__lte=now, ends_at__gte=now)
    return windows.filter(state__in=EXPECTING).order_by("-ends_at", "pk")
