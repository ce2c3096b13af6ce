"""One ASGI application out of several: the front door for telemetry, the demo's stream, and everything else."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol


class Part(Protocol):
    """An ASGI application that knows which addresses are its own."""

    def serves(self, path: str) -> bool:
        """Whether this address is mine."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""


class Door:
    """Hands each request to the first part that serves its path, else to the pages."""

    def __init__(
        self, parts: list[Part], pages: Callable[[Any, Any, Any], Awaitable[None]], *, sockets: Part | None = None
    ) -> None:
        """`sockets` is who may be spoken to over a WebSocket; everybody else refuses one."""
        self._sockets = sockets
        self._parts = parts
        self._pages = pages

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request or connection."""
        if scope["type"] == "http":
            path = scope["path"]
            for part in self._parts:
                if part.serves(path):
                    await part(scope, receive, send)
                    return
        elif scope["type"] == "websocket":
            if self._sockets is not None and self._sockets.serves(scope["path"]):
                await self._sockets(scope, receive, send)
                return
            await receive()
            await send({"type": "websocket.close", "code": 1000})
            return
        await self._pages(scope, receive, send)
