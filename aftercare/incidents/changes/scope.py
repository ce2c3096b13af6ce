"""What a change touches, by the resource map: resources with all their parts, the apps and customers they serve."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aftercare.accounts.models import App, Customer
from aftercare.incidents.models import Change, Reach
from aftercare.telemetry.models import Resource, ResourceServes
from aftercare.telemetry.queries.resource_map import read_map
from aftercare.watch.models import Alert


@dataclass(frozen=True)
class Scope:
    """Names of resources, and primary keys. `whole` are the customers of whom all apps are touched."""

    resources: frozenset[str]
    apps: frozenset[int]
    whole: frozenset[int]
    customers: frozenset[int]


def served_by(pks: Iterable[int]) -> tuple[set[int], dict[int, bool]]:
    """The apps that these resources serve, and the customers, each with whether it is served as a whole."""
    apps: set[int] = set()
    customers: dict[int, bool] = {}
    ties = ResourceServes.objects.filter(resource__in=list(pks)).values_list("customer_id", "app_id").distinct()
    for customer_id, app_id in ties:
        customers[customer_id] = customers.get(customer_id, False) or app_id is None
        if app_id is not None:
            apps.add(app_id)
    return apps, customers


def affected(resources: Sequence[Resource], apps: Sequence[App], named: Sequence[Customer]) -> dict[int, bool]:
    """The customers that a change of these touches, by primary key, each with whether all of its apps are."""
    _apps, found = served_by(read_map().parts_of(one.pk for one in resources))
    for app in apps:
        found.setdefault(app.customer_id, False)
    for customer in named:
        found[customer.pk] = True
    return found


def scope_of(change: Change) -> Scope:
    """What the change touches now. Whom somebody took out of it is not touched, whatever the map says."""
    parts = read_map().parts_of(change.resources.values_list("pk", flat=True))
    served, whole = served_by(parts)
    touched = dict(change.customers.filter(removed_at=None).values_list("customer_id", "is_whole"))
    apps = served | set(change.apps.values_list("pk", flat=True))
    kept = App.objects.filter(pk__in=apps, customer__in=touched).values_list("pk", flat=True)
    return Scope(
        resources=frozenset(Resource.objects.filter(pk__in=parts).values_list("name", flat=True)),
        apps=frozenset(kept),
        whole=frozenset(pk for pk, is_whole in touched.items() if is_whole or whole.get(pk)),
        customers=frozenset(touched),
    )


def reach_of(scope: Scope, alert: Alert) -> Reach | None:
    """How close the alert is to the change: by a resource that it names, by its app, or by its customer alone.

    Labels of a customer's own alert name a resource only where the change touches that customer: whoever writes labels
    cannot drag a stranger's change into it.
    """
    is_ours = alert.customer_id is None
    if (is_ours or alert.customer_id in scope.customers) and names_of(alert) & scope.resources:
        return Reach.RESOURCE
    if is_ours:
        return None
    if alert.app_id in scope.apps or alert.customer_id in scope.whole:
        return Reach.APP
    return Reach.CUSTOMER if alert.customer_id in scope.customers else None


def names_of(alert: Alert) -> set[str]:
    """What the alert's labels or filters say, among it the resource that it is about."""
    return {str(value) for value in alert.filters.values()}
