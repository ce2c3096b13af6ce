"""Answers that are sent piece by piece, whoever serves: neither server ever holds them whole."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse


def streamed(request: HttpRequest, pieces: Iterator[bytes], *, content_type: str) -> StreamingHttpResponse:
    """A response out of `pieces`. Under ASGI each is fetched in a thread; Django itself would gather them first."""
    content = fetched(pieces) if isinstance(request, ASGIRequest) else pieces
    return StreamingHttpResponse(content, content_type=content_type)


async def fetched(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, each waited for without holding the event loop."""
    while piece := await sync_to_async(next_of)(pieces):
        yield piece


def next_of(pieces: Iterator[bytes]) -> bytes:
    """The next piece, empty at the end."""
    return next(pieces, b"")
