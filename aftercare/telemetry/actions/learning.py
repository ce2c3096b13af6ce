"""The resource map, learnt: which edges and CDN domains each app's sessions went over."""

from datetime import datetime, timedelta

from django.db import transaction

from aftercare.accounts.models import App
from aftercare.telemetry.models import MapReading, Resource, ResourceServes
from aftercare.telemetry.queries.nodes import CUT_KINDS, seen_nodes

LOOK_BACK = timedelta(hours=3)
# A tie that no session reported for so long is no longer true; ties by hand stay.
FORGET_AFTER = timedelta(days=30)
READ_EVERY = timedelta(minutes=10)


def learn_from_sessions(*, now: datetime) -> int:
    """Tie resources on the map to the apps whose sessions named them; returns how many ties were seen.

    Names that are not on the map stay off it: what a payload says must not make the provider's infrastructure.
    """
    named = {(resource.kind, resource.name): resource.pk for resource in Resource.objects.all()}
    customers = dict(App.objects.values_list("pk", "customer_id"))
    seen = {
        (named[kind, node.name], node.app): node.last_seen_at
        for node in seen_nodes(now - LOOK_BACK, now)
        for kind in CUT_KINDS[node.cut]
        if (kind, node.name) in named and node.app in customers
    }
    with transaction.atomic():
        ResourceServes.objects.bulk_create(
            [
                ResourceServes(
                    resource_id=resource,
                    customer_id=customers[app],
                    app_id=app,
                    source=ResourceServes.Source.LEARNT,
                    last_seen_at=at,
                )
                for (resource, app), at in seen.items()
            ],
            update_conflicts=True,
            unique_fields=["resource", "customer", "app"],
            update_fields=["last_seen_at"],
        )
        ResourceServes.objects.filter(source=ResourceServes.Source.LEARNT, last_seen_at__lt=now - FORGET_AFTER).delete()
    return len(seen)


def learn_when_due(*, now: datetime) -> int:
    """`learn_from_sessions` every ten minutes, by one process at a time; returns how many ties were seen."""
    with transaction.atomic():
        MapReading.objects.get_or_create(pk=1)
        reading = MapReading.objects.select_for_update(skip_locked=True).filter(pk=1).first()
        if reading is None or (reading.read_at and now - reading.read_at < READ_EVERY):
            return 0
        reading.read_at = now
        reading.save(update_fields=["read_at"])
        return learn_from_sessions(now=now)
