"""One process's puller: claims due targets, pulls each in a thread of its own, records what came of it.

The threads never touch the database, and a slow target holds its own thread alone.
"""

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop as _

from aftercare.ingest.committer import Committer
from aftercare.ingest.points.exposition import Exposition, read_exposition
from aftercare.ingest.points.series import Registry
from aftercare.ingest.scraped import Scrape, Taken, shown, take
from aftercare.kernel.clock import epoch_ms
from aftercare.kernel.errors import Refused
from aftercare.serve.keys import key_of_target
from aftercare.serve.scraping.fetching import Call, Fetched, Unfetched, fetch
from aftercare.telemetry.actions.scrape_targets import may_be_private
from aftercare.telemetry.actions.scraping import (
    InvalidToken,
    Pull,
    claim_due_targets,
    credentials_of,
    owner_of,
    record_pulls,
)
from aftercare.telemetry.models import ScrapeTarget

log = logging.getLogger(__name__)

WORKERS = 32
MOST_SAMPLES = 20_000
LONGEST_PASS_S = 2.0
COMMIT_S = 20.0
SEEN = 60
STOPPING = "the server is stopping"


@dataclass(frozen=True)
class Flight:
    """A pull under way."""

    target: ScrapeTarget
    call: Call
    at: datetime


class Puller:
    """Claims, pulls and records. `process_due` is called by one loop; nothing is pulled before `begin`."""

    def __init__(
        self,
        registry: Registry,
        committer: Committer,
        *,
        pull: Callable[[Call], Fetched] = fetch,
        workers: int = WORKERS,
    ) -> None:
        self._registry, self._committer = registry, committer
        self._pull = pull
        self._workers = workers
        self._loop: asyncio.AbstractEventLoop | None = None
        self._flying: dict[int, Flight] = {}
        self._landed: queue.SimpleQueue[Pull] = queue.SimpleQueue()
        self._unrecorded: list[Pull] = []

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on there is an event loop to hand measurements to."""
        self._loop = loop

    def end(self) -> None:
        """Begin no pull any more; those under way are their threads' own and are lost with the process."""
        self._loop = None

    def process_due(self, now: datetime, *, patience_s: float = 0.3) -> int:
        """Claim and pull what is due, record what came back; returns how many pulls were begun.

        Goes on while pulls end and begin, LONGEST_PASS_S at most.
        """
        started, begun = time.monotonic(), 0
        quiet_since = started
        while self._loop is not None:
            elapsed = time.monotonic() - started
            landed = self._record(wait_s=0.05)
            fresh = self._take_off(now + timedelta(seconds=elapsed))
            begun += fresh
            if fresh or landed:
                quiet_since = time.monotonic()
            if not self._flying or time.monotonic() - quiet_since > patience_s or elapsed > LONGEST_PASS_S:
                break
        return begun

    def _take_off(self, now: datetime) -> int:
        busy = Counter(owner_of(flight.target) for flight in self._flying.values())
        for target in (rows := claim_due_targets(now, limit=self._workers - len(self._flying), busy=busy)):
            if target.pk in self._flying:  # asked for while its turn is under way: that one answers
                continue
            try:
                call = call_of(target)
            except InvalidToken:
                trouble = _("Its token or password can no longer be read; give it again.")
                self._unrecorded.append(Pull(target.pk, target.revision, now, 0, trouble=trouble))
                continue
            flight = self._flying[target.pk] = Flight(target, call, now)
            threading.Thread(target=self._fly, args=[flight], name=f"scrape-{target.ref}", daemon=True).start()
        return len(rows)

    def _record(self, wait_s: float) -> int:
        """Write down what landed; what cannot be written now is kept for the next time."""
        landed = 0
        with contextlib.suppress(queue.Empty):
            while True:
                pull = self._landed.get(timeout=0 if landed or not self._flying else wait_s)
                self._flying.pop(pull.target, None)
                self._unrecorded.append(pull)
                landed += 1
        if self._unrecorded:
            record_pulls(self._unrecorded)
            self._unrecorded = []
        return landed

    def _fly(self, flight: Flight) -> None:
        """In a thread of its own: the whole of one pull."""
        begun = time.monotonic()
        try:
            pull = self._pulled(flight, begun)
        except Exception:
            log.exception("target %s could not be pulled", flight.target.ref)
            trouble = _("The server failed at this pull; its log says why.")
            pull = Pull(flight.target.pk, flight.target.revision, flight.at, 0, trouble=trouble)
        self._landed.put(pull)

    def _pulled(self, flight: Flight, begun: float) -> Pull:
        found, trouble, detail = None, "", ""
        try:
            answer = self._pull(flight.call)
            found = read_exposition(answer.body, answer.content_type, most=MOST_SAMPLES)
        except Unfetched as error:
            trouble, detail = error.sentence, error.detail
        except Refused as refused:
            trouble, detail = _("Its answer cannot be taken"), refused.sentence
        took_s = time.monotonic() - begun
        taken = self._kept(flight, found, took_s)
        if taken.trouble and not trouble:
            trouble, detail = _("What it answered could not be kept"), taken.trouble
        if taken.refusals and not trouble:
            detail = taken.refusals[0].reason
        return Pull(
            flight.target.pk,
            flight.target.revision,
            flight.at,
            round(took_s * 1000),
            samples=taken.samples,
            refused=len(taken.refusals),
            trouble=trouble,
            detail=detail,
            seen=[list(pair) for pair in shown(found.lines, SEEN)] if found else [],
        )

    def _kept(self, flight: Flight, found: Exposition | None, took_s: float) -> Taken:
        """Hand a scrape to the event loop, and wait until it is on disk."""
        loop = self._loop
        if loop is None:
            return Taken(trouble=STOPPING)
        target = flight.target
        scrape = Scrape(key_of_target(target), labels_of(target, flight.call), epoch_ms(flight.at), took_s, found)
        taking = take(scrape, self._registry, self._committer)
        try:
            return asyncio.run_coroutine_threadsafe(taking, loop).result(COMMIT_S)
        except TimeoutError:
            return Taken(trouble="the store does not answer")
        except CancelledError:
            return Taken(trouble=STOPPING)
        except RuntimeError:  # the loop was closed meanwhile
            taking.close()
            return Taken(trouble=STOPPING)


def call_of(target: ScrapeTarget) -> Call:
    """What is asked of this target. Raises InvalidToken."""
    username, secret = credentials_of(target)
    is_basic = target.auth == ScrapeTarget.Auth.BASIC
    return Call(
        target.address,
        target.timeout_s,
        may_be_private(is_resource=target.resource_id is not None),
        bearer="" if is_basic else secret,
        username=username,
        password=secret if is_basic else "",
    )


def labels_of(target: ScrapeTarget, call: Call) -> dict[str, str]:
    """The labels on all of a target's series, as Prometheus gives them."""
    host = call.address.partition("://")[2].partition("/")[0].partition("?")[0]
    return {"instance": host, **target.labels, "job": target.name}
