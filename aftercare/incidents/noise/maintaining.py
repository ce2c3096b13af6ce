"""Alerts that wait because an announced maintenance expects them."""

from collections.abc import Sequence
from datetime import datetime

from aftercare.incidents.changes.holding import maintenance_of
from aftercare.incidents.models import HeldFor
from aftercare.incidents.noise.types import Hold
from aftercare.watch.models import Alert


def maintained(alerts: Sequence[Alert], now: datetime) -> dict[int, Hold]:
    """Those of the alerts that open in a window which expects them: until it ends."""
    expecting = maintenance_of(alerts, now)
    return {pk: Hold(HeldFor.MAINTENANCE, change_id=change.pk) for pk, change in expecting.items()}
