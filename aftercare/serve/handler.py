"""Django's ASGI handler, with one hop into a thread for a page instead of one for each piece of middleware.

Nearly every view of ours is synchronous and so is what middleware does; only the event streams are not. Under Django's
own handler the chain is asynchronous, and each of its ten pieces sends its synchronous half to the request's thread by
itself. Here a synchronous view is answered with its whole chain in one of a few threads, to its end: what waits for its
turn holds no thread.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from functools import lru_cache, partial
from threading import Thread
from typing import Any

import django
from asgiref.sync import SyncToAsync, ThreadSensitiveContext, iscoroutinefunction, sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.db import close_old_connections, reset_queries
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, get_resolver, resolve

BUSY_PER_PROCESSOR = 2
PATIENCE_S = 0.1
THREADS_KEPT = 64  # a crowd of streams leaves thousands behind
REMEMBERED_CHARACTERS = 200  # of an address, so that nobody fills the memory with long ones


class KeptThread(ThreadSensitiveContext):
    """A stream's own thread, taken from those that earlier streams have left: making one anew takes a millisecond."""

    def __init__(self, free: list[Executor]) -> None:
        super().__init__()
        self.free = free

    async def __aenter__(self) -> "KeptThread":
        await super().__aenter__()  # type: ignore[no-untyped-call]
        thread = self.free.pop() if self.free else ThreadPoolExecutor(1, thread_name_prefix="stream")
        SyncToAsync.context_to_thread_executor[self] = thread
        return self

    async def __aexit__(self, *error: Any) -> None:
        thread = SyncToAsync.context_to_thread_executor.pop(self)
        if len(self.free) < THREADS_KEPT:
            self.free.append(thread)
        else:
            thread.shutdown(wait=False)
        await super().__aexit__(*error)  # type: ignore[no-untyped-call]


class Gate:
    """Lets in as many requests as keep the processors busy: more threads at once only take turns on Python's lock.

    One that is not answered after `patience_s` waits for something else than a processor and lets another in, up to
    `at_once` in all. That has to stay below the size of the database's pool: who waits there for longer than its
    timeout fails, and here waiting costs nothing.
    """

    def __init__(self, at_once: int, *, busy: int, patience_s: float = PATIENCE_S) -> None:
        self.all = asyncio.Semaphore(at_once)
        self.busy = asyncio.Semaphore(busy)
        self.patience_s = patience_s

    def is_full(self) -> bool:
        """Whether one has to wait."""
        return self.all.locked() or self.busy.locked()

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Inside, when it is one's turn."""
        async with self.all:
            await self.busy.acquire()
            held = [self.busy]

            def give_back() -> None:
                while held:
                    held.pop().release()

            patience = asyncio.get_running_loop().call_later(self.patience_s, give_back)
            try:
                yield
            finally:
                patience.cancel()
                give_back()


class Pages(BaseHandler):
    """The synchronous chain; an address that has been resolved is not resolved again."""

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware(is_async=False)

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, on a connection that is fit for use and handed back; closed but where it is still to be read."""
        close_old_connections()
        response: HttpResponseBase = self.get_response(request)
        response._handler_class = ASGIHandler  # type: ignore[attr-defined]
        if response.streaming:
            close_old_connections()
        else:
            response.close()
        return response

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """What the handler found; otherwise the page 404, as Django tells it."""
        match: ResolverMatch | None = request.resolver_match
        return match or super().resolve_request(request)


class PagesHandler(ASGIHandler):
    """Answers synchronous views in a thread each, at most `at_once` of them."""

    def __init__(self, at_once: int) -> None:
        super().__init__()
        self.pages = Pages()
        self.gate = Gate(at_once, busy=BUSY_PER_PROCESSOR * (os.cpu_count() or 1))
        # What Django does at a request's start in a hop of its own is done where the request is answered.
        request_started.disconnect(close_old_connections)
        request_started.disconnect(reset_queries)
        self.threads = ThreadPoolExecutor(at_once, thread_name_prefix="page")
        self.free_threads: list[Executor] = []  # of streams
        # The rooms' addresses take seconds to load. The front door does not wait for that, the first page less.
        self.loaded: Future[None] = Future()
        Thread(target=self.load_addresses, name="addresses", daemon=True).start()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request, by the chain that its view is made for."""
        # Shielded: a reader who goes away while it loads ends only his own waiting.
        await asyncio.shield(asyncio.wrap_future(self.loaded))
        path = scope["path"]
        match = found(path) if len(path) <= REMEMBERED_CHARACTERS else found.__wrapped__(path)
        if match and iscoroutinefunction(match.func):
            async with KeptThread(self.free_threads):
                await super().__call__(scope, receive, send)
            return
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            request, refusal = self.create_request(scope, body)
            if refusal:
                await self.send_response(refusal, send)
            if request:
                request.resolver_match = match
                await self.answer(request, receive, send)

    async def answer(self, request: ASGIRequest, receive: Any, send: Any) -> None:
        """A synchronous view's answer, unless its reader has gone before it was his turn."""
        gone = asyncio.create_task(receive()) if self.gate.is_full() else None
        try:
            async with self.gate.passed():
                if gone and gone.done():
                    return
                answer = partial(copy_context().run, self.pages.answer, request)
                response = await asyncio.get_running_loop().run_in_executor(self.threads, answer)
        finally:
            if gone:
                gone.cancel()
        if not response.streaming:
            await self.send_response(response, send)
            return
        async with KeptThread(self.free_threads):
            try:
                await self.send_response(response, send)
            finally:
                await sync_to_async(response.close)()

    def load_addresses(self) -> None:
        """Import every room's views."""
        try:
            _loaded = get_resolver().url_patterns
        except BaseException as error:
            self.loaded.set_exception(error)
            raise
        self.loaded.set_result(None)


@lru_cache(maxsize=4096)
def found(path: str) -> ResolverMatch | None:
    """The view at this address. Django tries one pattern after the other: remembered, for there are hundreds."""
    try:
        return resolve(path)
    except Resolver404:
        return None


def pages_handler(at_once: int) -> PagesHandler:
    """The handler, once Django's settings are known."""
    django.setup(set_prefix=False)
    return PagesHandler(at_once)
