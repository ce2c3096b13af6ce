"""What the process is made of, once Django is set up: every engine's loop, the pages, the event streams."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings

from aftercare.clocks import engine as clocks_engine
from aftercare.desk import engine as desk_engine
from aftercare.incidents import engine as incidents_engine
from aftercare.incidents.status import engine as status_engine
from aftercare.kernel.standing import STANDING, require_current
from aftercare.notify import engine as notify_engine
from aftercare.notify import stream
from aftercare.oncall import deadman, handing_over, mailing, management, trials
from aftercare.oncall import engine as oncall_engine
from aftercare.serve import standing
from aftercare.serve.bodies import BoundedBodies
from aftercare.serve.handler import pages_handler
from aftercare.serve.keys import load_keys
from aftercare.serve.loops import Loop
from aftercare.telemetry import engine as telemetry_engine
from aftercare.watch import engine as watch_engine
from aftercare.watch.heartbeats import engine as heartbeats_engine
from aftercare.watch.risks import engine as risks_engine

# Of the 20 connections in the database's pool, eight are left to the engines' loops and the receivers.
PAGES_AT_ONCE = 12

__all__ = ["close_senders", "close_streams", "engine_loops", "load_keys", "pages"]


def engine_loops() -> list[Loop]:
    """A loop for every room that has timed work; none takes anything once a newer version has taken over."""
    STANDING.hand_in(standing.check)
    return [
        Loop("watch", watch_engine.process_due, every_s=5),
        Loop("heartbeats", heartbeats_engine.process_due, every_s=1),
        Loop("clocks", current(clocks_engine.process_due), every_s=1),
        Loop("desk", current(desk_engine.process_due), every_s=1),
        Loop("housekeeping", current(desk_engine.keep_house), every_s=10),
        Loop("oncall", oncall_engine.process_due, every_s=1),
        Loop("management", management.process_due, every_s=1),
        Loop("shifts", handing_over.process_shifts, every_s=15),
        Loop("coverage", current(mailing.process_weekly), every_s=60),
        Loop("test calls", current(trials.process_calls), every_s=15),
        Loop("auditor", deadman.audit_and_tell, every_s=60),
        Loop("notify", notify_engine.process_due, every_s=1),
        Loop("incidents", current(incidents_engine.process_due), every_s=1),
        Loop("status", current(status_engine.process_due), every_s=5),
        Loop("telemetry", current(telemetry_engine.process_due), every_s=10),
        Loop("risks", risks_engine.process_due, every_s=30),
    ]


def current(work: Callable[[datetime], object]) -> Callable[[datetime], object]:
    """Work that asks before each round; the engines that wake people ask in every transaction themselves."""

    def round_of_work(now: datetime) -> object:
        require_current()
        return work(now)

    return round_of_work


def pages() -> Any:
    """Django's ASGI application: every page and API of the rooms, behind a bound on what is sent to them."""
    return BoundedBodies(pages_handler(PAGES_AT_ONCE), file_max_bytes=settings.FILE_MAX_BYTES)


def close_senders(timeout_s: float) -> None:
    """Wait for messages under way and record them, so that a restart repeats none of them."""
    notify_engine.close(timeout_s)


def close_streams() -> None:
    """End the event streams of all browsers."""
    stream.close_all()
