"""What goes with the points of a request once it is read."""

from aftercare.ingest.keys import Key
from aftercare.ingest.points.block import Points
from aftercare.ingest.points.series import Registry


def complete(points: Points, registry: Registry, key: Key) -> None:
    """Give points the series that are to be written down with them, and set aside what the catalog knows."""
    points.defined = registry.take_fresh()
    recognise(points, registry, key)


def recognise(points: Points, registry: Registry, key: Key) -> None:
    """Set aside the points that the catalog knows."""
    points.recognise(registry.recognised[key.customer, key.app], registry.recognised_ids(key))
