"""What the environment says about ways out."""

import functools
import os


@functools.cache
def allows_private_webhooks() -> bool:
    """Whether webhooks may go to private, loopback and link-local addresses: `AFTERCARE_ALLOW_PRIVATE_WEBHOOKS=1`."""
    return os.environ.get("AFTERCARE_ALLOW_PRIVATE_WEBHOOKS") == "1"
