"""Whether this process may still take work out of the database, or a newer version of the engines has taken over.

ENGINE_VERSION goes up by one whenever older engines could misread what newer ones write. Rooms ask within the
transaction in which they take rows; what answers is handed in by whoever runs the process. Nobody handed anything in:
everybody may.
"""

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

ENGINE_VERSION = 1


class StoodDown(Exception):
    """A newer version works on this database: this process takes nothing more."""


class Standing:
    """Of one process."""

    def __init__(self) -> None:
        self._check: Callable[[], None] = lambda: None
        self.has_stood_down = False

    def hand_in(self, check: Callable[[], None]) -> None:
        """From now on `check` is asked; it raises StoodDown where a newer version works."""
        self._check = check

    def require(self) -> None:
        """Raise StoodDown where this process may take nothing more; the first time the log says so."""
        try:
            self._check()
        except StoodDown as error:
            if not self.has_stood_down:
                log.error("%s", error)
            self.has_stood_down = True
            raise


STANDING = Standing()
require_current = STANDING.require
