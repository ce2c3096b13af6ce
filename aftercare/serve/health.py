"""What the running process says about itself when a command asks over the control socket."""

from typing import Any, Protocol

from django.conf import settings

from aftercare.kernel.standing import STANDING
from aftercare.serve.control import Answers
from aftercare.serve.loops import Loop
from aftercare.telemetry.store.client import ClientPool
from aftercare.telemetry.store.journal import Journal
from aftercare.telemetry.store.migrations import pending
from aftercare.telemetry.store.rollups import FEEDS


class Working(Protocol):
    """What is asked about: the running worker."""

    pool: ClientPool
    journal: Journal
    loops: list[Loop]


def answers(worker: Working) -> Answers:
    """The questions that can be asked, each with what answers it."""
    return {
        "address": lambda: {"base_url": settings.BASE_URL},
        "telemetry": lambda: telemetry(worker),
        "migrations": lambda: {"pending": [path.stem for path in pending(worker.pool)]},
        "loops": lambda: loops(worker),
    }


def loops(worker: Working) -> dict[str, Any]:
    """When each loop last had a good round, and whether a newer version has taken over from this process."""
    since = {loop.name: loop.seconds_since_round() for loop in worker.loops}
    return {"seconds_since_round": since, "has_stood_down": STANDING.has_stood_down}


def telemetry(worker: Working) -> dict[str, Any]:
    """The engine's version, and how many acknowledged commits each feed of roll-ups has still to take in."""
    committed = worker.journal.state.committed
    return {
        "version": worker.pool.rows("SELECT version()")[0][0],
        "commits_behind": {
            feed.into.name: max(committed - worker.journal.built(place), 0) for place, feed in enumerate(FEEDS)
        },
    }
