"""Which combinations of dimension values explain that a metric turned. Pure: arrays in, causes out."""

from aftercare.watch.localising.search import localise
from aftercare.watch.localising.types import Cause, Leaves, Located

__all__ = ["Cause", "Leaves", "Located", "localise"]
