"""One HTTP exchange with an address that staff typed: pinned, timed, bounded, redirects never followed."""

import http.client
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aftercare.kernel.outbound import (
    Address,
    AddressError,
    Target,
    connection_over,
    ends_within,
    is_machines,
    parse,
    pin,
)

TIMEOUT_S = 5.0
MOST_BYTES = 2_000_000


class NotSent(Exception):
    """Surely nothing arrived: the address is none, or nobody took the connection."""


class NoAnswer(Exception):
    """The other side may have heard it: the connection broke, or time ran out."""


@dataclass(frozen=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout_s: float = TIMEOUT_S,
    most_bytes: int = MOST_BYTES,
    is_allowed: Callable[[Address], bool] = is_machines,
) -> Answer:
    """Exchange one request. Raises NotSent or NoAnswer; an answer of more than `most_bytes` counts as none."""
    ends = time.monotonic() + timeout_s
    try:
        target = pin(parse(url), is_allowed=is_allowed)
        sock = socket.create_connection((target.pinned, target.port), timeout=max(ends - time.monotonic(), 0.1))
    except AddressError as error:
        raise NotSent(f"{url}: {error}") from None
    except OSError as error:
        raise NotSent(str(error)) from None
    with ends_within(sock, ends - time.monotonic()):
        try:
            connection = connection_over(sock, target)
        except OSError as error:
            sock.close()
            raise NotSent(str(error)) from None
        try:
            return exchange(connection, method, target, dict(headers or {}), body, most_bytes)
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{timeout_s:g} s" if time.monotonic() >= ends else repr(error)) from None
        finally:
            connection.close()


def exchange(
    connection: http.client.HTTPConnection,
    method: str,
    target: Target,
    headers: dict[str, str],
    body: bytes | None,
    most_bytes: int,
) -> Answer:
    """Send, and read no more than was agreed."""
    sent = {"Host": target.host_header, "User-Agent": "Aftercare", "Connection": "close", **headers}
    connection.request(method, target.path, body, sent)
    answer = connection.getresponse()
    text = answer.read(most_bytes + 1)
    if len(text) > most_bytes:
        raise http.client.HTTPException(f"more than {most_bytes} bytes")
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
