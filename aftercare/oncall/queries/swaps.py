"""What people ask each other to take."""

from datetime import datetime

from aftercare.oncall.models import Swap


def open_swaps(now: datetime) -> list[Swap]:
    """Everything asked for that is not over and not withdrawn, the next first, taken or not."""
    asked = Swap.objects.filter(ends_at__gt=now, withdrawn_at=None)
    return list(asked.select_related("schedule", "asked_by", "taken_by").order_by("starts_at", "pk"))
