"""The stream of one chat window: words with their place, so that nothing is missed; signs that may be."""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from aftercare.desk.chat.away import TOLD_EVERY, note_here
from aftercare.desk.chat.history import AT_ONCE, as_json, messages_after
from aftercare.desk.models import ChatVisitor
from aftercare.desk.views.chat.door import OtherSite, TooMany, Visit, language_of, refusal, visit_of
from aftercare.kernel.clock import utc_now
from aftercare.notify import stream
from aftercare.notify.stream.hub import Hub, Subscription

HEARTBEAT_S = 15.0
LONGEST_S = 3600.0
STREAMS_OF_VISITOR = 4
STREAMS_AT_MOST = 5000
HELLO = b": hello\n\n"
HEARTBEAT = b": here\n\n"

_open: dict[int, list[Subscription]] = defaultdict(list)
_told_at = 0.0  # when the windows on the line were last written down, on the event loop's own clock


@csrf_exempt
@require_GET
async def listening(request: HttpRequest, site_key: str) -> HttpResponseBase:
    """Server-sent events for who shows the browser's token; `after` is the last message that the window has.

    503 where this process holds as many as it can: the window asks for new words every few seconds then.
    """
    with translation.override(language_of(request)):
        visit = await sync_to_async(visit_or_refusal)(request, site_key)
        if not isinstance(visit, Visit):
            return visit
        if sum(map(len, _open.values())) >= STREAMS_AT_MOST:
            return refusal(503, _("Too many chats are open here. New words are asked for instead."))
    after = (request.headers.get("Last-Event-ID") or request.GET.get("after", ""))[:16]
    body = chat_stream(stream.hub(), visit.known, visit.language, after)
    response = StreamingHttpResponse(body, content_type="text/event-stream; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def visit_or_refusal(request: HttpRequest, site_key: str) -> Visit | HttpResponseBase:
    """Who listens. The database connection goes back: a stream must not hold one."""
    try:
        visit = visit_of(request, site_key, needs_visitor=True)
        return visit or refusal(401, _("This chat has ended here. Reload the page to go on."))
    except Http404:
        return refusal(404, _("There is nothing here."))
    except OtherSite:
        return refusal(403, _("Another site's pages may not speak for a visitor."))
    except TooMany as many:
        said = _("That was a lot at once. It goes on in a moment.")
        return refusal(429, said, retry_after_s=int(many.wait_s) + 1)
    finally:
        connection.close()


async def chat_stream(hub: Hub, visitor: ChatVisitor, language: str, after: str) -> AsyncIterator[bytes]:
    """What was said after `after`, then everything as it happens. A visitor's oldest stream makes way for a fifth."""
    subscription = await hub.subscribe(visitor.topic)
    mine = _open[visitor.pk]
    mine.append(subscription)
    if len(mine) > STREAMS_OF_VISITOR:
        mine[0].put(None)
    ends = time.monotonic() + LONGEST_S
    shown: deque[str] = deque(maxlen=2 * AT_ONCE)
    try:
        yield HELLO
        for ref, words in await new_words(visitor, language, after):
            yield words
            shown.append(ref)
        while time.monotonic() < ends:
            try:
                item = await asyncio.wait_for(subscription.queue.get(), HEARTBEAT_S)
            except TimeoutError:
                await still_here()
                yield HEARTBEAT
                continue
            if not isinstance(item, dict):
                return
            if item["kind"] == "words":
                for ref, words in await new_words(visitor, language, shown[-1] if shown else after):
                    yield words
                    shown.append(ref)
            elif item["kind"] == "message":
                # Words that were read may have waited in the queue as well.
                if item["message"]["ref"] not in shown:
                    yield word_text(item["message"])
                    shown.append(item["message"]["ref"])
            else:
                yield event_text(item)
    finally:
        hub.unsubscribe(subscription)
        mine.remove(subscription)
        if not mine:
            _open.pop(visitor.pk, None)


async def still_here() -> None:
    """Every window of this process is on the line; whichever stream notices that it is time writes for all."""
    global _told_at
    if time.monotonic() - _told_at >= TOLD_EVERY.total_seconds() / 2:
        _told_at = time.monotonic()
        await sync_to_async(write_here)(list(_open))


def write_here(visitors: list[int]) -> None:
    """The same, from a thread."""
    try:
        note_here(visitors, utc_now())
    finally:
        connection.close()


async def new_words(visitor: ChatVisitor, language: str, after: str) -> list[tuple[str, bytes]]:
    """What came after this message as events, each with its ref."""
    return await sync_to_async(read_words)(visitor, language, after)


def read_words(visitor: ChatVisitor, language: str, after: str) -> list[tuple[str, bytes]]:
    """The same, from a thread."""
    try:
        with translation.override(language):
            found = batch = messages_after(visitor, after)
            while len(batch) == AT_ONCE:
                batch = messages_after(visitor, batch[-1].ref)
                found = found + batch
            return [(message.ref, word_text(as_json(visitor, message))) for message in found]
    finally:
        connection.close()


def word_text(message: dict[str, Any]) -> bytes:
    """Words as an event: only they have an id, from which a window goes on."""
    return f"id: {message['ref']}\n".encode() + event_text({"kind": "message", "message": message})


def event_text(data: dict[str, Any]) -> bytes:
    """One event."""
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
