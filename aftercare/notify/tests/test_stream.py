"""The event stream, through a real server: only one's own events, resumed, ended on request, no connection held."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import psycopg
import pytest
import uvicorn
from django.core.asgi import get_asgi_application
from django.db import connection

from aftercare.notify import actions, engine, stream
from aftercare.notify.models import Delivery
from aftercare.notify.stream.hub import Subscription, connection_params
from tests.world import World, make_world


@pytest.fixture
def people(transactional_db: Any) -> World:
    return make_world()


@pytest.fixture
def port(people: World) -> Iterator[int]:
    """A server of this test's own; it must end within seconds although streams are open."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    config = uvicorn.Config(get_asgi_application(), port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.05)
    yield port
    stream.close_all()
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive(), "the server did not stop"


class Listener:
    """One browser on /events."""

    def __init__(self, world: World, port: int, name: str | None, last: str = "") -> None:
        headers = {"Last-Event-ID": last} if last else {}
        if name:
            cookies = world.client(name).cookies
            headers["Cookie"] = "; ".join(f"{key}={morsel.value}" for key, morsel in cookies.items())
        self.connection = HTTPConnection("127.0.0.1", port, timeout=10)
        self.connection.request("GET", "/events", headers=headers)
        self.response: HTTPResponse = self.connection.getresponse()

    def event(self) -> dict[str, Any]:
        """The next event's data."""
        while True:
            line = self.response.readline()
            assert line, "the stream ended"
            if line.startswith(b"data: "):
                return dict(json.loads(line[6:]))

    def hello(self) -> "Listener":
        """Wait until the stream has begun."""
        while self.response.readline() != b": hello\n":
            pass
        return self


def push(world: World, name: str, title: str) -> Delivery:
    delivery = actions.send(
        user=world.people[name], channel="push", kind="page", subject_ref="x", title=title, now=world.now
    )
    engine.process_due(world.now)
    return delivery


def test_it_works(people: World, port: int) -> None:
    mine, theirs = Listener(people, port, "eng").hello(), Listener(people, port, "stranger").hello()
    push(people, "eng", "For Lin")
    push(people, "stranger", "For the stranger")
    event = mine.event()
    assert (event["kind"], event["title"], event["repeat"]) == ("page", "For Lin", False)
    assert theirs.event()["title"] == "For the stranger", "nobody hears what is for somebody else"


def test_a_reader_that_comes_back_misses_nothing(people: World, port: int) -> None:
    first, second = push(people, "eng", "One"), push(people, "eng", "Two")
    push(people, "mei", "Not for Lin")
    heard = Listener(people, port, "eng", last=first.ref).hello()
    assert heard.event()["ref"] == second.ref
    push(people, "eng", "Three")
    assert heard.event()["title"] == "Three"
    assert Listener(people, port, "eng", last="unknownunkno").hello().event() == {"kind": "resync"}
    foreign = Delivery.objects.get(title="Not for Lin").ref
    assert Listener(people, port, "eng", last=foreign).hello().event() == {"kind": "resync"}


def test_a_visitor_gets_401(people: World, port: int) -> None:
    assert Listener(people, port, None).response.status == 401


def pool_in_use() -> int:
    """How many of the pool's connections are out; other tests' threads may have kept some."""
    stats = connection.pool.get_stats()  # type: ignore[attr-defined]
    return int(stats["pool_size"]) - int(stats["pool_available"])


def listeners_in_database() -> int:
    """How many connections listen for pushes; other tests of the run may have left theirs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN aftercare_push'")
        return int(cursor.fetchone()[0])


def test_many_streams_hold_one_database_connection(people: World, port: int) -> None:
    before, listening = pool_in_use(), listeners_in_database()
    listeners = [Listener(people, port, "eng").hello() for _ in range(20)]
    push(people, "eng", "To all of them")
    assert {listener.event()["title"] for listener in listeners} == {"To all of them"}
    ends = time.monotonic() + 20  # a stream gives its connection back once it has begun, whatever else the machine does
    while pool_in_use() > before + 2:
        assert time.monotonic() < ends, f"a stream must not keep a connection of the pool, {pool_in_use()} are in use"
        time.sleep(0.05)
    assert listeners_in_database() - listening <= 1


def test_a_lost_listener_ends_the_streams_and_comes_back(people: World, port: int) -> None:
    first = push(people, "eng", "Before")
    heard = Listener(people, port, "eng").hello()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN aftercare_push'")
    missed = push(people, "eng", "While nobody listened")
    while heard.response.readline():
        pass
    assert Listener(people, port, "eng", last=first.ref).hello().event()["ref"] == missed.ref


def test_close_all_ends_open_streams(people: World, port: int) -> None:
    heard = Listener(people, port, "eng").hello()
    stream.close_all()
    while heard.response.readline():
        pass


def test_a_reader_that_lags_is_ended() -> None:
    async def lag() -> list[int | None]:
        subscription = Subscription(1)
        for n in range(201):
            subscription.put(n)
        return [subscription.queue.get_nowait()]

    assert asyncio.run(lag()) == [None]


def test_psycopg_understands_what_it_is_given(people: World) -> None:
    with psycopg.connect(**connection_params()) as raw:
        assert raw.execute("SELECT 1").fetchone() == (1,)


def test_what_is_worth_nothing_later_passes_without_a_row(people: World, port: int) -> None:
    mine, theirs = Listener(people, port, "eng").hello(), Listener(people, port, "stranger").hello()
    stream.tell(people.eng.pk, {"kind": "chat_typing", "subject": "x"})
    push(people, "stranger", "Something else")
    assert mine.event() == {"kind": "chat_typing", "subject": "x"}
    assert theirs.event()["title"] == "Something else"
    assert Delivery.objects.count() == 1
