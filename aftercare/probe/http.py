"""HTTP as a probe speaks it: every step measured, every address guarded, bytes and redirects bounded."""

import http.client
import json
import socket
import ssl
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from aftercare.probe.guard import connect
from aftercare.probe.run import Run
from aftercare.probe.types import Failed

AGENT = "Aftercare-Probe"
TIMEOUT_S = 8.0
MOST_REDIRECTS = 5
MOST_BYTES = 1 << 20
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Asked:
    """A request: `most_bytes` of the answer's body are read, none with 0."""

    url: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    most_bytes: int = MOST_BYTES


@dataclass(frozen=True)
class Reply:
    """An answer; header names are in lower case, `url` is where it came from after redirects."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises Failed where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise Failed("not_json", "the answer is not JSON") from None


def fetch(run: Run, asked: Asked) -> Reply:
    """The answer after redirects, each of which passes the guard anew. Raises Failed."""
    for _ in range(MOST_REDIRECTS + 1):
        reply = exchange(run, asked)
        target = reply.headers.get("location", "")
        if reply.status not in REDIRECTS or not target:
            return reply
        asked = redirected(asked, urljoin(asked.url, target), becomes_get=reply.status == 303)
    raise Failed("redirects", f"more than {MOST_REDIRECTS} redirects")


def redirected(asked: Asked, url: str, *, becomes_get: bool) -> Asked:
    """The request at another address; what was meant for one host alone is not shown to another."""
    headers = dict(asked.headers)
    if host_of(url) != host_of(asked.url):
        headers.pop("Authorization", None)
    if becomes_get:
        return replace(asked, url=url, headers=headers, method="GET", body=b"")
    return replace(asked, url=url, headers=headers)


def host_of(url: str) -> str:
    """Host and port as written."""
    return urlsplit(url).netloc


def web_address(url: str) -> tuple[SplitResult, int]:
    """The parts of an http(s) address and its port. Raises Failed for any other."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Failed("address", "this is not a web address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Failed("address", "a web address begins with https:// or http://")
    return parts, port or (443 if parts.scheme == "https" else 80)


def exchange(run: Run, asked: Asked) -> Reply:
    """One request and its answer: steps dns, tcp, tls, first_byte and, where a body is read, body. Raises Failed."""
    parts, port = web_address(asked.url)
    sock = open_socket(run, parts.hostname or "", port)
    try:
        if parts.scheme == "https":
            sock = secured(run, sock, parts.hostname or "")
        return spoken(run, asked, parts, sock)
    finally:
        sock.close()


def open_socket(run: Run, host: str, port: int) -> socket.socket:
    """A connection to a guarded address of this host. Raises Failed."""
    with run.step("dns"):
        addresses = run.guard.resolve(host, port)
    with run.step("tcp"):
        return connect(addresses, port, TIMEOUT_S)


def secured(run: Run, sock: socket.socket, host: str) -> ssl.SSLSocket:
    """The connection with TLS on it, its certificate checked. Raises Failed."""
    with run.step("tls"):
        return shake_hands(sock, host)


def shake_hands(sock: socket.socket, host: str) -> ssl.SSLSocket:
    """TLS over this connection, the certificate checked against the host's name. Raises Failed."""
    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        raise Failed("certificate", f"{host}: the certificate is refused: {error.verify_message}") from None
    except OSError as error:
        raise Failed("tls", f"{host}: no secure connection: {error.strerror or error}") from None


def spoken(run: Run, asked: Asked, parts: SplitResult, sock: socket.socket) -> Reply:
    """The request sent over this connection and its answer read. Raises Failed."""
    connection = http.client.HTTPConnection(parts.netloc)
    connection.sock = sock
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"User-Agent": AGENT, "Accept": "*/*", "Connection": "close", **asked.headers}
    try:
        with run.step("first_byte"):
            connection.request(asked.method, path, asked.body or None, headers)
            answer = connection.getresponse()
        body = b""
        if asked.most_bytes:
            with run.step("body"):
                body = answer.read(asked.most_bytes)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Failed("http", f"no answer: {str(error) or type(error).__name__}") from None
    return Reply(asked.url, answer.status, {k.lower(): v for k, v in answer.getheaders()}, body)
