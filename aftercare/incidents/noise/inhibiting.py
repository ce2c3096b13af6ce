"""Alerts that wait because another one, which calls people already, stands for them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from aftercare.incidents.models import HeldFor, InhibitionRule
from aftercare.incidents.noise.matching import match_of, narrowed
from aftercare.incidents.noise.types import Hold
from aftercare.watch.models import ORIGINS, Alert, Severity

# What followed from the parent recovers a little after it; what is open longer has a cause of its own.
GRACE = timedelta(minutes=2)
MOST_PARENTS = 200
BY_CUSTOMER, BY_APP = "customer", "app"


def inhibited(alerts: Sequence[Alert], now: datetime) -> dict[int, Hold]:
    """Those of the alerts for which an open one stands by a rule. What waits itself stands for nothing.

    So two rules that name each other never silence both: of two alerts one always calls.
    """
    rules = [(rule, match_of(rule.target)) for rule in InhibitionRule.objects.filter(removed_at=None)]
    found: dict[int, Hold] = {}
    for alert in sorted(alerts, key=lambda one: (one.severity != Severity.RED, one.pk)):
        for rule, target in rules:
            parent = parent_of(alert, rule, waiting=found) if target.fits(alert) else None
            if parent is not None:
                found[alert.pk] = Hold(HeldFor.INHIBITED, rule_id=rule.pk, parent_id=parent.pk)
                break
    return found


def parent_of(alert: Alert, rule: InhibitionRule, *, waiting: Collection[int]) -> Alert | None:
    """The oldest open alert that stands for this one; a warning never stands for a red one."""
    shared = sharing(alert, rule.same)
    if shared is None:
        return None
    match = match_of(rule.source)
    parents = narrowed(shared.filter(closed_at__isnull=True), match).exclude(held__outcome="")
    parents = parents.exclude(pk__in=[alert.pk, *waiting])
    if alert.severity == Severity.RED:
        parents = parents.filter(severity=Severity.RED)
    found = parents.select_related("app", "customer", *ORIGINS).order_by("opened_at", "pk")[:MOST_PARENTS]
    return next((one for one in found if match.fits(one)), None)


def sharing(alert: Alert, same: str) -> QuerySet[Alert] | None:
    """The alerts that have the customer, the app or this label in common with it; None where it has none itself."""
    if same == BY_CUSTOMER:
        return Alert.objects.filter(customer=alert.customer)
    if same == BY_APP:
        return Alert.objects.filter(app=alert.app) if alert.app else None
    value = alert.filters.get(same)
    return Alert.objects.filter(filters__contains={same: value}) if value else None
