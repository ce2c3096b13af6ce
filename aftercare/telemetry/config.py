"""What the environment says about scraping."""

import functools
import os


@functools.cache
def private_scrapes() -> str:
    """Whose targets may be in private networks, by `AFTERCARE_ALLOW_PRIVATE_SCRAPES`.

    Empty for nobody's, `resources` for the provider's own, `all` for customers' apps too.
    """
    return os.environ.get("AFTERCARE_ALLOW_PRIVATE_SCRAPES", "")


def may_be_private(*, is_resource: bool) -> bool:
    """Whether such an owner's targets may be in private networks."""
    return private_scrapes() == "all" or (is_resource and private_scrapes() == "resources")
