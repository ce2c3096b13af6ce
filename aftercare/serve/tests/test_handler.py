"""Who is answered when many ask at once."""

import asyncio

from aftercare.serve.handler import Gate


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
