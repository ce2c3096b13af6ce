"""The agent: fetches targets, looks at each when it is due, keeps every result on disk and hands it in."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aftercare.kernel.ids import new_ref
from aftercare.kernel.signing import fingerprint
from aftercare.probe.runner import run_target
from aftercare.probe.samples import Place, samples_of
from aftercare.probe.schedule import Schedule
from aftercare.probe.sender import FIRST_PAUSE_S, LONGEST_PAUSE_S, Sender
from aftercare.probe.server import Server, Targets
from aftercare.probe.spool import Spool
from aftercare.probe.types import ASKS, OK, Outcome, Target, Unable

TICK_S = 0.25
# A run that plays takes its seconds, a question takes milliseconds: neither waits for the other.
MEDIA_AT_ONCE, ASKS_AT_ONCE = 3, 16
KEY_LENGTH = 16


@dataclass(frozen=True)
class Settings:
    """What an agent is told at its start."""

    server: str
    keys: list[str]
    place: Place
    queue: Path
    allow_private: bool = False
    rdap: str = "https://rdap.org"
    media_at_once: int = MEDIA_AT_ONCE


class Agent:
    """Runs until it is cancelled, or with `run_once` every target once."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._server = Server(settings.server)
        self._spool = Spool(settings.queue)
        self._keys: Mapping[str, str] = {fingerprint(key)[:KEY_LENGTH]: key for key in settings.keys}
        memories = {name: settings.queue / f"targets-{name}.json" for name in self._keys}
        self._targets = {name: Targets(self._server, key, memories[name]) for name, key in self._keys.items()}
        self._sender = Sender(self._spool, self._server, self._keys, say)
        self._schedule = Schedule()
        self._media = asyncio.Semaphore(settings.media_at_once)
        self._asks = asyncio.Semaphore(ASKS_AT_ONCE)
        self._troubles: dict[str, str] = {}
        self._dropped = 0

    async def run(self) -> None:
        """Look at every target whenever it is due, for ever."""
        async with asyncio.TaskGroup() as group:
            for name in self._keys:
                group.create_task(self._keep_targets(name))
            group.create_task(self._keep_sending())
            while True:
                for name, target in self._schedule.take_due(time.monotonic()):
                    group.create_task(self._look(name, target))
                await asyncio.sleep(TICK_S)

    async def run_once(self) -> bool:
        """Look at every target once and hand the results in; whether the server has them all."""
        for name in self._keys:
            await asyncio.to_thread(self._targets[name].refresh)
            self._tell_trouble(name)
        runs = [(name, target) for name, told in self._targets.items() for target in told.plan.targets]
        await asyncio.gather(*(self._look(name, target) for name, target in runs))
        await asyncio.to_thread(self._sender.round)
        waiting = len(self._spool.batches())
        if waiting:
            self._say(f"{waiting} results wait in {self._settings.queue}")
        return not waiting and not any(told.trouble for told in self._targets.values())

    async def _keep_targets(self, name: str) -> None:
        while True:
            told = self._targets[name]
            await asyncio.to_thread(told.refresh)
            self._tell_trouble(name)
            self._schedule.set_targets(name, told.plan.targets, time.monotonic())
            await asyncio.sleep(told.plan.interval_s)

    async def _keep_sending(self) -> None:
        while True:
            try:
                sent = await asyncio.to_thread(self._sender.round)
            except OSError as error:
                self._say(f"the queue cannot be read: {error.strerror}")
                await asyncio.sleep(LONGEST_PAUSE_S)
                continue
            if sent.must_wait and self._sender.pause_s <= FIRST_PAUSE_S:
                self._say("the server takes no results now; they are kept on disk")
            await asyncio.sleep(max(self._sender.pause_s, FIRST_PAUSE_S))

    async def _look(self, name: str, target: Target) -> None:
        """One run and its result on disk; whatever goes wrong with it must not end the others."""
        try:
            outcome = await self._outcome_of(target)
            await self._keep(name, target, outcome)
        except Unable as unable:
            self._say(f"{target.kind} {target.ref}: {unable}")
        except Exception as error:
            self._say(f"{target.kind} {target.ref} was not looked at, or its result is lost: {error!r}")
        finally:
            self._schedule.done(name, target.ref)

    async def _outcome_of(self, target: Target) -> Outcome:
        async with self._asks if target.kind in ASKS else self._media:
            return await run_target(target, allow_private=self._settings.allow_private, rdap=self._settings.rdap)

    async def _keep(self, name: str, target: Target, outcome: Outcome) -> None:
        """Put a result on disk. Raises OSError where it cannot be."""
        lines = samples_of(target, outcome, self._settings.place, session=f"probe/{target.ref}/{new_ref()}")
        body = b"\n".join(json.dumps(line, ensure_ascii=False).encode() for line in lines)
        await asyncio.to_thread(self._spool.add, name, body)
        self._say(f"{target.kind} {target.ref}: {outcome.code if outcome.code == OK else outcome.reason}")
        if self._spool.dropped > self._dropped:
            self._dropped = self._spool.dropped
            self._say(f"the queue is full: {self._dropped} results were dropped, the oldest first")

    def _tell_trouble(self, name: str) -> None:
        """Say what is wrong with a key's targets when that changes."""
        trouble = self._targets[name].trouble
        if trouble != self._troubles.get(name, ""):
            self._say(trouble or "the server's targets can be read again")
        self._troubles[name] = trouble
        if not trouble:
            self._sender.forgive()
