"""The serving process: engines up in order, one event loop, loops beside it, everything down in order."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn
import uvloop
from django.db import connection

from aftercare.desk.mail.receiver import MailDoor
from aftercare.incidents.status.changes import CHANNEL as STATUS_CHANNEL
from aftercare.ingest.app import IngestApp
from aftercare.ingest.committer import Committer
from aftercare.ingest.keys import KeyRing
from aftercare.ingest.places import Places
from aftercare.ingest.points.recognised import READINGS, is_recognised
from aftercare.ingest.points.series import Registry
from aftercare.ingest.rtcstats.trace import LONGEST_MESSAGE
from aftercare.kernel.clock import epoch_s
from aftercare.kernel.config import Config
from aftercare.kernel.errors import Refused
from aftercare.serve.composition import close_senders, close_streams, engine_loops, load_keys, pages
from aftercare.serve.control import Control
from aftercare.serve.door import Door, Part
from aftercare.serve.ending import Ending
from aftercare.serve.engines import Engines, raw_connection
from aftercare.serve.health import answers
from aftercare.serve.loops import Listener, Loop
from aftercare.serve.mailboxes import MailboxWatch
from aftercare.serve.scraping.puller import Puller
from aftercare.telemetry.store.client import ClientPool
from aftercare.telemetry.store.commits import Commits
from aftercare.telemetry.store.identity import require_match
from aftercare.telemetry.store.journal import Journal
from aftercare.telemetry.store.series import series_named, series_of_days
from aftercare.telemetry.store.steps import Steps
from aftercare.watch.heartbeats.committer import PingCommitter
from aftercare.watch.heartbeats.door import PingDoor
from aftercare.watch.heartbeats.keys import KEYS_CHANNEL
from aftercare.watch.heartbeats.ring import HeartbeatRing

log = logging.getLogger(__name__)
# Reports come as tens of thousands of short-lived objects without cycles; at the interpreter's own thresholds
# (700, 10, 10) the search for cycles took a fifth of ingest's CPU.
GC_THRESHOLDS = (50_000, 20, 20)
DRAIN_S = 4
JOIN_S = 3.0
SENDERS_S = 6.0
# Notifications tell of changed keys at once; should they die without a word, a revoked key is good no longer than this.
KEYS_EVERY_S = 60.0


class Worker:
    """The front door's committers, the roll-up steps and every engine's loop."""

    def __init__(self, pool: ClientPool, data_dir: Path) -> None:
        self.pool = pool
        self.folder = data_dir / "telemetry"
        self.journal = Journal(self.folder / "journal")
        self.commits = Commits(pool, self.journal)
        self.steps = Steps(pool, self.journal)
        self.committer = Committer(pool, self.commits, clock=epoch_s)
        self.keys = KeyRing(load_keys)
        self.heartbeats = HeartbeatRing()
        self.registry = Registry(is_recognised=is_recognised)
        self.puller = Puller(self.registry, self.committer)
        self.mailboxes = MailboxWatch()
        self.loops = [
            Loop("steps", lambda now: self.steps.run_due(), every_s=0.5),
            Loop("keys", lambda now: self._reload_keys(), every_s=KEYS_EVERY_S),
            Loop("scrape", self.puller.process_due, every_s=0.5),
            Loop("mailboxes", self.mailboxes.process_due, every_s=5),
            *engine_loops(),
        ]
        self.by_name = {loop.name: loop for loop in self.loops}
        self.pings = PingCommitter(raw_connection, on_told=self.by_name["heartbeats"].wake)
        self.listener = Listener(raw_connection)
        self.control = Control(data_dir, answers(self))

    def recover(self) -> None:
        """Repair what a crash left. Raises Refused where the telemetry is not this folder's."""
        require_match(self.pool, self.journal, self.folder)
        self.commits.recover()
        self.steps.recover()

    def start(self) -> None:
        """Begin: take telemetry, keep time."""
        self._reload_keys()
        now_ms = int(epoch_s() * 1000)
        self.registry.load(series_of_days(self.pool, now_ms), now_ms)
        self.registry.load_recognised(series_named(self.pool, READINGS, now_ms))
        self.committer.start()
        self.pings.start()
        self.listener.on("aftercare_keys", self._reload_keys)
        self.listener.on(KEYS_CHANNEL, self._reload_keys)
        self.listener.on("aftercare_outbox", self.by_name["notify"].wake)
        self.listener.on("aftercare_inbound", self.by_name["desk"].wake)
        self.listener.on(STATUS_CHANNEL, self.by_name["status"].wake)
        self.listener.start()
        for loop in self.loops:
            loop.start()
        self.control.start()

    def stop(self, ending: Ending) -> None:
        """Commit what waits, end the loops, within what is left of `ending`."""
        self.control.stop()
        self.committer.stop()
        self.pings.stop(ending.left_s(JOIN_S))
        self.listener.stop()
        self.mailboxes.stop()
        for loop in self.loops:
            loop.stop()
        stuck = [loop.name for loop in self.loops if not loop.join(ending.left_s(JOIN_S))]
        if stuck:
            log.error("still at work when the process ended: %s", ", ".join(stuck))
        if "notify" not in stuck:  # else it holds what this would wait for
            close_senders(ending.left_s(SENDERS_S))
        # A stuck step, as on a full disk, is repaired by the next start.
        if not (self.journal.state.begun or "steps" in stuck):
            self.steps.run_due(force=True)
        self.journal.close()

    def _reload_keys(self) -> None:
        try:
            self.keys.reload()
            self.heartbeats.reload()
        finally:
            connection.close()


class Server(uvicorn.Server):
    """uvicorn without its signal handlers: ours close the event streams first."""

    def __init__(self, config: uvicorn.Config, on_listening: list[Callable[[], None]]) -> None:
        super().__init__(config)
        self.on_listening = on_listening

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to us."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and tell who waits for it."""
        await super().startup(sockets=sockets)
        for tell in self.on_listening:
            tell()


def bound_socket(host: str, port: int) -> socket.socket:
    """The address, taken before anything is started. Raises Refused when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        raise Refused(f"{host} port {port} cannot be used ({error.strerror}); choose another with --port") from None
    return found


class Service:
    """Everything together; `run` returns when a signal has brought it down."""

    def __init__(self, config: Config, *, host: str, port: int, parts: list[Part] | None = None) -> None:
        self.config = config
        self.parts = parts or []
        self.ready = threading.Event()
        self.ending = Ending()
        self._socket = bound_socket(host, port)
        self.server: Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(
        self,
        engines: Engines,
        *,
        prepare: Callable[[Worker], None] | None = None,
        on_listening: Callable[[], None] = lambda: None,
    ) -> None:
        """Serve until SIGTERM or SIGINT; the engines must be up. `prepare` runs before anything is taken in."""
        if engines.pool is None:
            raise RuntimeError("the engines are not started")
        worker = Worker(engines.pool, self.config.data_dir)
        try:
            worker.recover()
        except OSError as error:
            raise Refused(f"telemetry could not be repaired after its last stop: {error.strerror or error}") from None
        if prepare is not None:
            prepare(worker)
        worker.start()
        gc.collect()
        gc.freeze()  # what was made at the start stays, and need not be looked at again and again
        gc.set_threshold(*GC_THRESHOLDS)
        try:
            uvloop.run(self._serve(worker, on_listening))
        finally:
            self.ending.begin()
            worker.stop(self.ending)

    async def _serve(self, worker: Worker, on_listening: Callable[[], None]) -> None:
        config = self.config
        places = Places(city=config.geoip_city, asn=config.geoip_asn, proxies=config.trusted_proxies)
        ingest = IngestApp(worker.keys, worker.committer, places=places, registry=worker.registry, clock=epoch_s)
        pings = PingDoor(worker.heartbeats, worker.pings, clock=epoch_s)
        options = uvicorn.Config(
            Door([pings, ingest, *self.parts], pages(), sockets=ingest.sockets),
            lifespan="off",
            http="httptools",
            ws="websockets-sansio",
            ws_max_size=LONGEST_MESSAGE,
            ws_per_message_deflate=False,  # a small message could unpack to a large one
            proxy_headers=False,
            access_log=False,
            log_config=None,
            log_level="warning",
            backlog=4096,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=DRAIN_S,
            server_header=False,
        )
        self.server = Server(options, [self.ready.set, on_listening])
        self._loop = asyncio.get_running_loop()
        worker.puller.begin(self._loop)
        mail = MailDoor(*config.smtp_listen) if config.smtp_listen else None
        if mail is not None:
            try:
                await mail.start()
            except OSError as error:
                raise Refused(
                    f"AFTERCARE_SMTP_LISTEN: {mail.host} port {mail.port} cannot be used ({error.strerror})"
                ) from None
        for number in (signal.SIGTERM, signal.SIGINT):
            if threading.current_thread() is threading.main_thread():
                self._loop.add_signal_handler(number, self.close)
        try:
            await self.server.serve(sockets=[self._socket])
        finally:
            worker.puller.end()
            if mail is not None:
                mail.stop()
            self._loop = None  # whoever would shut it down now comes too late

    def shut_down(self) -> None:
        """Begin to go down, from any thread."""
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self.close)

    def close(self) -> None:
        """Begin to go down: event streams first, so that the server's draining does not wait for them."""
        self.ending.begin()
        close_streams()
        if self.server is not None:
            self.server.should_exit = True
