"""Causes that labels name: an alert whose label says which node it is about."""

from collections.abc import Iterable, Mapping, Sequence

from aftercare.telemetry.models import ResourceServes
from aftercare.telemetry.queries.resource_map import ResourceMap, read_map

# What monitoring systems call the thing that an alert is about.
LABELS = ("edge", "node", "host", "hostname", "ident", "instance", "region", "cluster", "cdn", "domain")
Labelled = tuple[int | None, Mapping[str, str]]


def by_labels(alerts: Sequence[Labelled], resources: ResourceMap | None = None) -> list[int | None]:
    """For each (customer, labels) the resource that the labels name; None where they name none, or several apart.

    Several in one line (a node and its region) mean the lowest. Labels of a customer's own monitoring are the
    customer's words: they count only for what serves that customer. Names are compared as they are written.
    """
    if not any(told for _customer, labels in alerts for told in names_in(labels)):
        return [None] * len(alerts)
    if resources is None:
        resources = read_map()
    by_name: dict[str, set[int]] = {}
    for one in resources.by_pk.values():
        by_name.setdefault(one.name, set()).add(one.pk)
    found = [
        resources.fitting(pk for name in names_in(labels) for pk in by_name.get(name, ()))
        for _customer, labels in alerts
    ]
    served = served_pairs({customer for customer, _labels in alerts if customer is not None}, found)
    return [
        cause
        if cause is not None and (customer is None or any((customer, pk) in served for pk in resources.line(cause)))
        else None
        for (customer, _labels), cause in zip(alerts, found, strict=True)
    ]


def names_in(labels: Mapping[str, str]) -> set[str]:
    """What may be a resource's name: the values of LABELS, an instance without its port."""
    told = {name.lower(): str(value).strip() for name, value in labels.items()}
    names = {told[name] for name in LABELS if told.get(name)}
    host, separator, port = told.get("instance", "").rpartition(":")
    return names | ({host} if separator and port.isdigit() and host else set())


def served_pairs(customers: Iterable[int], found: Iterable[int | None]) -> set[tuple[int, int]]:
    """Which customers are served by which resources, as (customer, resource), for whose names customers gave."""
    wanted = set(customers)
    if not wanted or not any(found):
        return set()
    ties = ResourceServes.objects.filter(customer__in=wanted)
    return set(ties.values_list("customer_id", "resource_id"))
