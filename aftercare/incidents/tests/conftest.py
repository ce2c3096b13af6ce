"""What this room's tests share."""

from aftercare.incidents.tests.scene import incident

__all__ = ["incident"]
