"""Who is listening, and the one PostgreSQL connection that wakes them."""

import asyncio
import json
import logging
from collections import defaultdict
from typing import Any, TypeAlias

import psycopg
from django.db import connections

from aftercare.notify.adapters.push import CHANNEL

log = logging.getLogger(__name__)

WAITING_AT_MOST = 200
RECONNECT_S = 1.0


# A person who signs in, by number; anybody else under a name of the room that knows them.
Reader: TypeAlias = int | str
# The id of a delivery, or an event that is kept nowhere; None ends the stream.
Item: TypeAlias = int | dict[str, Any] | None


class Subscription:
    """One open stream's queue."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.queue: asyncio.Queue[Item] = asyncio.Queue(WAITING_AT_MOST)

    def put(self, item: Item) -> None:
        """Queue an item. A reader that lags behind a full queue is ended: it resumes from what it saw last."""
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            item = None
        self.queue.put_nowait(item)


class Hub:
    """The open streams of this process. Everything but `close_all` runs on the server's event loop."""

    def __init__(self) -> None:
        self.streams: dict[Reader, set[Subscription]] = defaultdict(set)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.listener: asyncio.Task[None] | None = None
        self.is_listening = asyncio.Event()
        self.is_closed = False

    async def subscribe(self, reader: Reader) -> Subscription:
        """A new stream for this reader; returns once the listener hears, so that nothing after it is missed."""
        loop = asyncio.get_running_loop()
        if self.loop is not loop:
            self.loop, self.listener, self.is_listening, self.is_closed = loop, None, asyncio.Event(), False
            self.streams.clear()
        subscription = Subscription(reader)
        self.streams[reader].add(subscription)
        if self.is_closed:
            subscription.put(None)
            return subscription
        if self.listener is None or self.listener.done():
            self.listener = loop.create_task(self.listen())
        await self.is_listening.wait()
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a stream; without any, the listener's connection is given back."""
        self.streams[subscription.reader].discard(subscription)
        if not self.streams[subscription.reader]:
            del self.streams[subscription.reader]
        if not self.streams and self.listener is not None:
            self.listener.cancel()
            self.listener = None
            self.is_listening.clear()

    async def listen(self) -> None:
        """Hear notifications until cancelled; a lost connection is made again and every stream resumes by itself."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**connection_params(), autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self.is_listening.set()
                    async for notice in connection.notifies():
                        self.hear(notice.payload)
            except psycopg.Error as error:
                log.warning("push listener: %s; trying again", error)
            self.is_listening.clear()
            self.end_streams()
            await asyncio.sleep(RECONNECT_S)

    def hear(self, payload: str) -> None:
        """Hand one notification to its reader's streams."""
        message = json.loads(payload)
        for subscription in self.streams.get(message["user"], ()):
            subscription.put(message["delivery"] if "delivery" in message else message["event"])

    def end_streams(self) -> None:
        """End every stream that is open now."""
        for subscriptions in self.streams.values():
            for subscription in subscriptions:
                subscription.put(None)

    def close_all(self) -> None:
        """End every stream and refuse new ones. From any thread or signal handler."""
        self.is_closed = True
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.shut)

    def shut(self) -> None:
        """On the loop: end the streams and the listener."""
        self.end_streams()
        if self.listener is not None:
            self.listener.cancel()
            self.listener = None


def connection_params() -> dict[str, Any]:
    """The database's connection parameters without what only Django's own connections want."""
    params = connections["default"].get_connection_params()
    return {key: value for key, value in params.items() if key not in ("cursor_factory", "context")}
