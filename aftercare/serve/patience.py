"""Waiting for a database that is not up yet, as after a machine's start."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from aftercare.kernel.errors import Refused

log = logging.getLogger(__name__)
Got = TypeVar("Got")
PATIENCE_S = 60.0
RETRY_S = 1.0


def patiently(
    attempt: Callable[[], Got], what: str, variable: str, errors: tuple[type[Exception], ...], *, patience_s: float
) -> Got:
    """What `attempt` gives, tried again each second while it raises one of `errors`.

    Raises Refused naming the environment's variable after `patience_s` seconds.
    """
    ends = time.monotonic() + patience_s
    is_told = False
    while True:
        try:
            return attempt()
        except errors as error:
            words = str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
            if time.monotonic() >= ends:
                raise Refused(f"{what} does not answer: {words}. Check it, and {variable}.") from None
            if not is_told:
                log.warning("%s does not answer yet, waiting up to %.0f s: %s", what, patience_s, words)
            is_told = True
            time.sleep(RETRY_S)
