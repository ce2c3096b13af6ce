"""Who is answered when many ask at once."""

import asyncio
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation

from aftercare.serve.handler import Gate, PagesHandler


async def inside(gate: Gate, count: int, leave: asyncio.Event) -> tuple[list[int], list[asyncio.Task[None]]]:
    """So many want in; who is inside, and their tasks."""
    entered: list[int] = []

    async def go(n: int) -> None:
        async with gate.passed():
            entered.append(n)
            await leave.wait()

    tasks = [asyncio.create_task(go(n)) for n in range(count)]
    for _turn in range(count):
        await asyncio.sleep(0)
    return entered, tasks


def test_as_many_as_keep_the_processors_busy() -> None:
    async def story() -> None:
        leave = asyncio.Event()
        entered, tasks = await inside(Gate(4, busy=2, patience_s=3600), 6, leave)
        assert entered == [0, 1]
        leave.set()
        await asyncio.gather(*tasks)
        assert entered == [0, 1, 2, 3, 4, 5]

    asyncio.run(story())


def test_the_slow_hold_nobody_up_until_all_places_are_taken() -> None:
    async def story() -> None:
        leave = asyncio.Event()
        gate = Gate(4, busy=2, patience_s=0)
        entered, tasks = await inside(gate, 6, leave)
        for _turn in range(200):
            await asyncio.sleep(0)
        assert entered == [0, 1, 2, 3]
        leave.set()
        await asyncio.gather(*tasks)
        assert gate.busy._value == 2 and gate.all._value == 4, "a place was lost or made"

    asyncio.run(story())


def test_who_goes_away_takes_no_place_with_him() -> None:
    async def story() -> None:
        gate = Gate(2, busy=1, patience_s=3600)
        entered, tasks = await inside(gate, 3, asyncio.Event())
        assert entered == [0]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert gate.busy._value == 1 and gate.all._value == 2

    asyncio.run(story())


SCOPE = {"type": "http", "method": "GET", "path": "/healthz-of-nobody", "headers": [], "query_string": b""}


class Asked:
    """A handler whose pages are this test's, and one who asks it."""

    def __init__(self, page: Any) -> None:
        self.handler = PagesHandler(2)
        self.handler.pages.get_response = page
        self.sent: list[dict[str, Any]] = []

    async def ask(self, *messages: dict[str, Any]) -> None:
        """One request, of whose connection these messages come in the end and then no more."""
        coming = iter([{"type": "http.request"}, *messages])

        async def receive() -> dict[str, Any]:
            return next(coming, None) or await asyncio.Event().wait()

        async def send(message: dict[str, Any]) -> None:
            self.sent.append(message)

        await self.handler(SCOPE, receive, send)


def test_who_has_gone_before_his_turn_costs_nothing() -> None:
    asked_for: list[str] = []

    def page(request: HttpRequest) -> HttpResponseBase:
        asked_for.append(request.path)
        return HttpResponse("late")

    async def story() -> None:
        asked = Asked(page)
        gate = asked.handler.gate
        for _place in range(gate.busy._value):
            await gate.busy.acquire()
        gone = asyncio.create_task(asked.ask({"type": "http.disconnect"}))
        patient = asyncio.create_task(asked.ask())
        for _turn in range(500):
            await asyncio.sleep(0.01 if len(gate.busy._waiters or []) < 2 else 0)
        assert len(gate.busy._waiters or []) == 2
        gate.busy.release()
        gate.busy.release()
        await asyncio.gather(gone, patient)
        assert asked_for == ["/healthz-of-nobody"]
        assert [message.get("body") for message in asked.sent] == [None, b"late"]

    asyncio.run(story())


def test_one_readers_language_is_not_the_next_ones() -> None:
    seen: list[str | None] = []

    def page(request: HttpRequest) -> HttpResponseBase:
        seen.append(translation.get_language())
        translation.activate("zh-hans")
        return HttpResponse()

    async def story() -> None:
        asked = Asked(page)
        for _turn in range(4):
            await asked.ask()

    asyncio.run(story())
    assert len(set(seen)) == 1 and "zh-hans" not in seen


def test_a_stream_of_pieces_is_closed_when_it_was_read() -> None:
    closed: list[bool] = []

    def page(request: HttpRequest) -> HttpResponseBase:
        async def pieces() -> Any:
            yield b"a"
            assert not closed
            yield b"b"

        answer = StreamingHttpResponse(pieces())
        answer._resource_closers.append(lambda: closed.append(True))
        return answer

    async def story() -> None:
        asked = Asked(page)
        await asked.ask()
        assert [message.get("body") for message in asked.sent] == [None, b"a", b"b", None]

    asyncio.run(story())
    assert closed == [True]
