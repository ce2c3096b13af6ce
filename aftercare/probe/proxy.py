"""A forward proxy on loopback, for the media library: it resolves names, follows redirects and opens what playlists
name by itself, so all its connections go through here, where every host passes the guard and bytes are bounded.
"""

import contextlib
import re
import socket
import threading
from urllib.parse import urlsplit

from aftercare.probe.guard import Guard, connect
from aftercare.probe.http import shake_hands
from aftercare.probe.relay import CHUNK, bridge
from aftercare.probe.types import Failed

CONNECT_S = 5.0
MOST_HEAD = 1 << 16
# An hour of 1080p is a gigabyte; a run watches for seconds.
MOST_BYTES = 256 << 20
# What a run is told of, beside the library's own word that it could not open something.
TOLD = frozenset({"private_address", "address", "certificate"})
HOP_HEADERS = re.compile(rb"^(proxy-[a-z-]+|connection|keep-alive):.*\r\n", re.I | re.M)
REFUSAL = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class GuardedProxy:
    """Takes `GET http://…` and `CONNECT host:port`, one exchange per connection. `refused` is the guard's first no."""

    def __init__(self, guard: Guard, *, most_bytes: int = MOST_BYTES) -> None:
        self.refused: Failed | None = None
        self._guard = guard
        self._left = most_bytes
        self._trusted: set[tuple[str, int]] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            head, rest = read_head(client)
            try:
                host, port, onward = request_of(head)
                addresses = self._guard.resolve(host, port)
                if onward is None:
                    self._require_certificate(host, port, addresses)
                upstream = connect(addresses, port, CONNECT_S)
            except Failed as failed:
                if failed.code in TOLD:
                    self.refused = self.refused or failed
                client.sendall(REFUSAL)
                return
            with upstream:
                upstream.settimeout(None)
                if onward is None:
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                upstream.sendall((onward or b"") + rest)
                bridge(client, upstream, self._count)

    def _require_certificate(self, host: str, port: int, addresses: list[str]) -> None:
        """Shake hands once with each host by ourselves: the library checks no certificates. Raises Failed."""
        if (host, port) in self._trusted:
            return
        with connect(addresses, port, CONNECT_S) as sock:
            shake_hands(sock, host).close()
        self._trusted.add((host, port))

    def _count(self, received: int) -> bool:
        """Whether there may be more after so many bytes."""
        self._left -= received
        return self._left > 0


def read_head(client: socket.socket) -> tuple[bytes, bytes]:
    """The request's head, and what came after it. Raises OSError where it does not come."""
    data = b""
    client.settimeout(CONNECT_S)
    while b"\r\n\r\n" not in data:
        chunk = client.recv(CHUNK)
        if not chunk or len(data) > MOST_HEAD:
            raise ConnectionError("no request")
        data += chunk
    client.settimeout(None)
    head, _, rest = data.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", rest


def request_of(head: bytes) -> tuple[str, int, bytes | None]:
    """Host, port and the head to send on (None for a tunnel). Raises Failed for what is no request to a proxy."""
    line, _, headers = head.partition(b"\r\n")
    method, _, tail = line.decode("latin-1").partition(" ")
    url = tail.rpartition(" ")[0]
    try:
        parts = urlsplit(f"//{url}" if method == "CONNECT" else url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise Failed("address", "the media names an address that is none")
    if method == "CONNECT":
        return host, port or 443, None
    if parts.scheme != "http":
        raise Failed("address", f"the media names an address of the kind {parts.scheme}, which is not played")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = HOP_HEADERS.sub(b"", headers)
    return host, port or 80, f"{method} {path} HTTP/1.1\r\nConnection: close\r\n".encode("latin-1") + kept
