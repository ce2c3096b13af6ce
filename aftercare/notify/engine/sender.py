"""One process's sender: claims in the caller's thread, calls providers in a small pool, records in the caller's thread.

The pool's threads never touch the database, and a slow provider only holds its own thread.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.utils.translation import gettext_noop as _

from aftercare.kernel.clock import SetBack
from aftercare.notify.adapters.senders import sender_of
from aftercare.notify.engine import claims, results, ringing, set_back
from aftercare.notify.envelope import Envelope, envelope_of
from aftercare.notify.models import Delivery, State
from aftercare.notify.outcome import Outcome, Verdict, unknown
from aftercare.notify.reach import is_to_person

log = logging.getLogger(__name__)

WORKERS = 96
ROUTINE_WORKERS = 48
PATIENCE_S = 1.0
LONGEST_PASS_S = 3.0


@dataclass(frozen=True)
class Flight:
    """One send under way: `attempts` are the deliveries it tells of, each with the number of its attempt, which fences
    the result off from a later attempt's.
    """

    attempts: dict[int, int]
    channel: str
    address: str
    urgency: str
    claimed_at: datetime
    started: float

    @property
    def present(self) -> datetime:
        """Now, by the instant of the claim and the time that went by since."""
        return self.claimed_at + timedelta(seconds=time.monotonic() - self.started)


class Sender:
    """Claims, sends and records. One per process; its methods may be called from any thread."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.clock = SetBack()
        self.flights: dict[Future[Outcome], Flight] = {}
        self.pool: ThreadPoolExecutor | None = None

    def process_due(self, now: datetime, *, patience_s: float = PATIENCE_S) -> int:
        """One pass; returns how many deliveries were claimed.

        Waits up to `patience_s` for sends to end; what is slower is recorded by a later pass.
        """
        with self.lock:
            started = time.monotonic()
            claimed, quiet_since = 0, started
            self.record_landed()
            if self.clock.is_seen(now):
                set_back.bring_back(now)
            claims.recover(now, still_ours=[pk for flight in self.flights.values() for pk in flight.attempts])
            while True:
                elapsed = time.monotonic() - started
                fresh = self.take_off(now + timedelta(seconds=elapsed))
                claimed += fresh
                landed = self.record_landed(wait_s=0.05)
                if fresh or landed:
                    quiet_since = time.monotonic()
                is_done = not (fresh or landed or self.flights)
                if is_done or time.monotonic() - quiet_since > patience_s or elapsed > LONGEST_PASS_S:
                    return claimed

    def take_off(self, now: datetime) -> int:
        """Claim what there is room for and start it; returns how many."""
        pushed = claims.claim_pushes(now)
        flights = self.flights.values()
        per_address = Counter((f.channel, f.address) for f in flights)
        rows = claims.claim(
            now,
            limit=WORKERS - len(flights),
            routine_limit=ROUTINE_WORKERS - sum(f.urgency == "routine" for f in flights),
            busy=[key for key, count in per_address.items() if count >= claims.AT_ONCE_PER_ADDRESS],
        )
        for row in rows:
            self.start(row, now)
        return pushed + len(rows)

    def start(self, row: Delivery, now: datetime) -> None:
        """Hand one claimed row to the pool."""
        if self.pool is None:
            self.pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="aftercare-send")
        attempts = {one.pk: one.attempts for one in (row, *row.together)}
        flight = Flight(attempts, row.channel, row.address, row.urgency, now, time.monotonic())
        self.flights[self.pool.submit(call_provider, envelope_of(row, now))] = flight

    def record_landed(self, wait_s: float = 0.0) -> int:
        """Record the sends that ended, waiting up to `wait_s` for the first; returns how many."""
        done, _still = wait(self.flights, timeout=wait_s, return_when=FIRST_COMPLETED)
        landed = [(self.flights.pop(future), future.result()) for future in done]
        try:
            record(landed)
        except Exception:
            for one in landed:  # one by one, so that what cannot be kept takes nothing with it
                record_alone(one)
        return len(landed)

    def close(self, timeout_s: float) -> None:
        """Wait for what is under way and record it; what is slower is decided after its deadline, by whoever runs."""
        with self.lock:
            wait(self.flights, timeout=timeout_s)
            self.record_landed()
            if self.pool is not None:
                self.pool.shutdown(wait=False, cancel_futures=True)
                self.pool = None


def call_provider(envelope: Envelope) -> Outcome:
    """Run the channel's adapter; an error of ours counts as "may have been sent"."""
    try:
        return sender_of(envelope)(envelope)
    except Exception as error:
        log.exception("delivery %s: its adapter failed", envelope.ref)
        return unknown(_("The sender failed"), repr(error))


def record(landed: Sequence[tuple[Flight, Outcome]]) -> None:
    """Write down what became of these flights, in one transaction, unless a later attempt has begun.

    A row already put back by somebody who thought us dead takes only good news.
    """
    if not landed:
        return
    with transaction.atomic():
        told = {pk: (flight, outcome) for flight, outcome in landed for pk in flight.attempts}
        rows = Delivery.objects.select_for_update(of=("self",)).filter(pk__in=told)
        # Every process settles them in this order of subjects, what was sent beside what was not.
        news = [row for row in rows.order_by("subject_ref", "pk") if is_news(row, *told[row.pk])]
        for was_sent, together in groupby(news, key=lambda row: told[row.pk][1].verdict is Verdict.SENT):
            if was_sent:
                taken = [(row, told[row.pk][1].provider_message_id) for row in together]
                results.settle_sent(taken, told[taken[0][0].pk][0].present)
                continue
            for row in together:
                flight, outcome = told[row.pk]
                (ringing.settle if is_to_person(row) else results.settle)(row, outcome, flight.present)


def is_news(delivery: Delivery, flight: Flight, outcome: Outcome) -> bool:
    """Whether this attempt's outcome still matters to the row."""
    is_awaited = delivery.state == State.SENDING or (
        delivery.state == State.PENDING and outcome.verdict is Verdict.SENT
    )
    if delivery.attempts == flight.attempts[delivery.pk] and is_awaited:
        return True
    log.warning("delivery %s: attempt %s came back too late", delivery.pk, flight.attempts[delivery.pk])
    return False


def record_alone(landed: tuple[Flight, Outcome]) -> None:
    """The same for one; that it cannot be kept is told in the log."""
    try:
        record([landed])
    except Exception:
        log.exception("deliveries %s: their result could not be kept", [*landed[0].attempts])
