"""How much a page's request may send. Django would write a body of any size to disk before a view is asked.

What says at once that it is too large is answered at once, and none of it is kept; what does not say (chunked) is cut
off where it passes the limit. Few large bodies at a time, so that uploads cannot fill the disk between them.
"""

from collections.abc import Awaitable, Callable
from typing import Any

App = Callable[[Any, Any, Any], Awaitable[None]]

FORM_BYTES = 10 * 1024 * 1024
FILES_AT_ONCE = 4  # of the largest size, in one request; more go one by one
LARGE_BODIES = 8
MARGIN_BYTES = 1024 * 1024

TOO_LARGE = (
    "This is too large to send at once. Nothing was kept; go back, your words are still in the form. "
    "Send fewer or smaller files.\n"
    "一次发送的内容过大，未保存任何内容。请返回（已填写的文字仍在表单中），减少或缩小文件后重新发送。\n"
)
BUSY = (
    "Many large files are being uploaded at the moment. Go back and send again in a minute.\n"
    "当前正在上传的大文件较多，请返回并在一分钟后重试。\n"
)


class BodyTooLargeError(Exception):
    """A body without a length went past its limit."""


class BoundedBodies:
    """Stands before the pages."""

    def __init__(self, pages: App, *, file_max_bytes: int) -> None:
        self._pages = pages
        self._files = FILES_AT_ONCE * file_max_bytes + MARGIN_BYTES
        self._large = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return await self._pages(scope, receive, send)
        headers = dict(scope["headers"])
        has_files = headers.get(b"content-type", b"").lower().startswith(b"multipart/form-data")
        limit = self._files if has_files else FORM_BYTES
        told = headers.get(b"content-length", b"")
        length = int(told) if told.isdigit() and len(told) < 20 else None
        if length is not None and length > limit:
            return await answer(send, 413, TOO_LARGE)
        is_large = length is None or length > FORM_BYTES
        if is_large and self._large >= LARGE_BODIES:
            return await answer(send, 503, BUSY)
        self._large += is_large
        try:
            await self._bounded(scope, receive, send, limit)
        finally:
            self._large -= is_large

    async def _bounded(self, scope: Any, receive: Any, send: Any, limit: int) -> None:
        seen, has_begun = 0, False

        async def counted() -> Any:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise BodyTooLargeError
            return message

        async def told(message: Any) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._pages(scope, counted, told)
        except BodyTooLargeError:
            if not has_begun:
                await answer(send, 413, TOO_LARGE)


async def answer(send: Any, status: int, words: str) -> None:
    """A short answer that no browser takes for anything but text."""
    body = words.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        *([(b"retry-after", b"60")] if status == 503 else []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
