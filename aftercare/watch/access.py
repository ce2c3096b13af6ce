"""Who may see which monitor and alert: the provider all of them, a customer's people their own."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from aftercare.accounts.access import Visitor, customers_for
from aftercare.accounts.models import User
from aftercare.watch.models import Alert, Monitor


def monitors_for(user: Visitor) -> QuerySet[Monitor]:
    """Every monitor this person may see, with its app, customer and state; deleted ones are gone."""
    monitors = Monitor.objects.select_related("app", "customer", "state")
    return monitors.filter(customer__in=customers_for(user), deleted_at__isnull=True)


def get_monitor_for(user: Visitor, ref: str) -> Monitor:
    """The monitor with this ref; Http404 when it does not exist for this person."""
    return get_object_or_404(monitors_for(user), ref=ref)


def alerts_for(user: Visitor) -> QuerySet[Alert]:
    """Every alert this person may see, those of deleted monitors too; the provider's own are for staff alone."""
    alerts = Alert.objects.select_related("monitor", "source", "heartbeat", "risk", "app", "customer")
    if isinstance(user, User) and user.is_active and user.is_provider:
        return alerts
    return alerts.filter(customer__in=customers_for(user))
