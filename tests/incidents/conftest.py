"""What the promises about trouble share."""

from aftercare.notify.tests.receiver import receiver
from tests.paging.conftest import night, open_night

__all__ = ["night", "open_night", "receiver"]
