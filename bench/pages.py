"""Group `pages`."""

from bench.figures import Figure


def measure() -> list[Figure]:
    """To come."""
    return []
