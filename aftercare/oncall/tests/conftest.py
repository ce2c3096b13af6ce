"""What this room's tests share."""

from aftercare.notify.tests.receiver import receiver
from aftercare.oncall.tests.cast import duty

__all__ = ["duty", "receiver"]
