"""Any split, repetition and order of a log's lines, with events of the same players between, ends in the same sums."""

import asyncio
import itertools
import json
import random
import time
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aftercare.ingest.batches import Batch, Result
from aftercare.ingest.committer import Committer
from aftercare.ingest.keys import Key
from aftercare.ingest.places import Places
from aftercare.ingest.sources.cdn_log import CdnLog
from aftercare.ingest.sources.cmcd_events import CmcdEvents
from aftercare.ingest.sources.cmcd_log import CmcdLog
from aftercare.ingest.sources.source import Asked, Source
from tests.telemetry import Telemetry

NOW_MS = int(time.time() * 1000)
NOWHERE = Places()
LOG, CDN, EVENTS = CmcdLog(), CdnLog(), CmcdEvents()
APPS = itertools.count(1000)
Sent = tuple[Source, bytes]


class Door:
    """A committer and what has been sent to it; a new one stands for a server that was started again."""

    def __init__(self, telemetry: Telemetry, app: int) -> None:
        self._telemetry = telemetry
        self._key = Key("f", 9, app, 30, 1e9, b"secret" * 6)
        self.restart()

    def restart(self) -> None:
        self._committer = Committer(self._telemetry.pool, self._telemetry.commits, clock=lambda: NOW_MS / 1000)
        self._committer._making.start(NOW_MS / 1000)

    def send(self, source: Source, body: bytes) -> Result:
        """One body, committed."""
        loop = asyncio.new_event_loop()
        settled: asyncio.Future[Result] = loop.create_future()
        batch = Batch(self._key, settled, source=source.name)
        source.read(Asked(self._key, "POST", "", b"", {}, "", body, NOW_MS, NOWHERE), batch)
        assert not batch.refusals
        self._committer._commit([batch])
        result = loop.run_until_complete(settled)
        loop.close()
        assert not result.failed and not result.refused
        return result


def totals(telemetry: Telemetry, app: int) -> tuple[Any, Any]:
    """What an app's sessions add up to, and the derived events that stand."""
    where = f"FROM samples WHERE customer = 9 AND app = {app}"
    sums = telemetry.pool.rows(
        "SELECT session, sum(interval_ms), sum(play_ms), sum(stall_ms), sum(stall_count), sum(bytes), sum(opened), "
        f"sum(requests), sum(served_bytes), countIf(source != 'derived') {where} GROUP BY session ORDER BY session"
    )
    events = telemetry.pool.rows(
        f"SELECT session, event, toUnixTimestamp64Milli(ts), elapsed_ms, sum(sign) AS s {where} "
        "AND source = 'derived' GROUP BY ALL HAVING s != 0 ORDER BY ALL"
    )
    return [tuple(row) for row in sums], [tuple(row) for row in events]


def player(chance: random.Random, session: str, version: int, count: int, events: int) -> tuple[list[str], list[str]]:
    """What a log says of one player's `count` requests, some two seconds apart, and that many events of its own."""
    begun = NOW_MS - 600_000 + chance.randint(0, 5000)
    lines = []
    for sequence in range(count):
        at = begun + sequence * 2000 + chance.randint(0, 900)
        flags = [flag for flag in ("su", "bs", f"bsd=({chance.randint(0, 3000)})") if chance.random() < 0.2]
        keys = [f"ot={chance.choice(('m', 'v', 'a', 'av'))}", *flags, f'sid="{session}"']
        if version == 2:
            keys += [f"sn={sequence}", f"sta={chance.choice('ddspppppprrae' if sequence else 'ds')}", "v=2"]
        told = {"msec": at / 1000, "status": 200, "request_id": f"{session}-{sequence}", "client": "192.0.2.1"}
        uri = f"/live/room1-{sequence}.ts?CMCD={quote(','.join(keys))}"
        lines.append(json.dumps(told | {"uri": uri, "bytes": chance.randint(0, 10**6)}))
    since = begun + chance.choice((0, count * 2000))
    states = [(since + sequence * 3000, sequence, chance.choice("spppra")) for sequence in range(events)]
    return lines, [f'e=ps,sid="{session}",sn={sn},sta={state},ts={at},v=2' for at, sn, state in states]


SHAPES = st.tuples(st.sampled_from((1, 2)), st.sampled_from((1, 4, 30, 150)), st.sampled_from((0, 0, 3, 80)))


BODIES = {
    "shapes": st.lists(SHAPES, min_size=1, max_size=3),
    "seed": st.integers(0, 10**6),
    "source": st.sampled_from((LOG, CDN)),
}
QUIETLY = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}


@given(**BODIES)
@settings(max_examples=6, **QUIETLY)
def test_it_works(telemetry: Telemetry, shapes: list[tuple[int, int, int]], seed: int, source: Source) -> None:
    require_same(telemetry, shapes, seed, source)


@pytest.mark.long
@given(**BODIES)
@settings(max_examples=200, **QUIETLY)
def test_at_length(telemetry: Telemetry, shapes: list[tuple[int, int, int]], seed: int, source: Source) -> None:
    require_same(telemetry, shapes, seed, source)


def require_same(telemetry: Telemetry, shapes: list[tuple[int, int, int]], seed: int, source: Source) -> None:
    """A log as it stands, and the same torn apart, repeated and mixed, end in the same totals."""
    chance = random.Random(seed)
    told = [player(chance, f"s-{number}", *shape) for number, shape in enumerate(shapes)]
    lines = [line for of_player, _ in told for line in of_player]
    events = [event for _, of_player in told for event in of_player]
    plain, shuffled = next(APPS), next(APPS)
    door = Door(telemetry, plain)
    if events:
        door.send(EVENTS, "\n".join(events).encode())
    door.send(source, "\n".join(lines).encode())

    entries = [(source, line) for line in lines + chance.choices(lines, k=len(lines) // 3)]
    entries += [(EVENTS, event) for event in events + chance.choices(events, k=len(events) // 3)]
    chance.shuffle(entries)
    door = Door(telemetry, shuffled)
    while entries:
        size = chance.choice((1, 7, 40, 200))
        taken, entries = entries[:size], entries[size:]
        for way in (EVENTS, source):
            body = "\n".join(text for of, text in taken if of is way)
            if body:
                door.send(way, body.encode())
        if chance.random() < 0.2:
            door.restart()
    assert totals(telemetry, shuffled) == totals(telemetry, plain)
