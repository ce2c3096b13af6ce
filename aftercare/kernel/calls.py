"""One HTTP exchange with an address that was checked: pinned, timed, bounded, redirects never followed.

The one place from which the house calls out; what a failure means for whoever called is theirs to say.
"""

import http.client
import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

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


class Step(Enum):
    """How far a call came that surely was not heard."""

    ADDRESS = "address"  # it must not be called: `NotSent.address` says why
    NAME = "name"  # it could not be resolved
    CONNECTION = "connection"
    TLS = "tls"


class NotSent(Exception):
    """Surely nothing arrived: the address is none, or nobody took the connection."""

    def __init__(self, text: str, step: Step = Step.CONNECTION, address: AddressError | None = None) -> None:
        super().__init__(text)
        self.step = step
        self.address = address


class NoAnswer(Exception):
    """The other side may have heard it: the connection broke, or time ran out."""


@dataclass(frozen=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes = b""

    def json(self) -> dict[str, Any]:
        """The body as a JSON object, empty where it is none."""
        try:
            said = json.loads(self.body)
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout_s: float = TIMEOUT_S,
    most_bytes: int = MOST_BYTES,
    cuts: bool = False,
    is_allowed: Callable[[Address], bool] = is_machines,
) -> Answer:
    """Exchange one request; ends `timeout_s` seconds after it began, resolving the name aside.

    An answer of more than `most_bytes` counts as none, unless `cuts`: then so much of it is read. Raises NotSent or
    NoAnswer.
    """
    ends = time.monotonic() + timeout_s
    target = checked(url, is_allowed)
    left_s = ends - time.monotonic()
    if left_s <= 0:
        raise NotSent(f"{timeout_s:g} s", Step.NAME)
    try:
        sock = socket.create_connection((target.pinned, target.port), timeout=left_s)
    except OSError as error:
        raise NotSent(str(error)) from None
    with ends_within(sock, ends - time.monotonic()):
        try:
            connection = connection_over(sock, target)
        except OSError as error:
            sock.close()
            raise NotSent(str(error), Step.TLS) from None
        try:
            return exchange(connection, method, target, dict(headers or {}), body, most_bytes, cuts=cuts)
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{timeout_s:g} s" if time.monotonic() >= ends else repr(error)) from None
        finally:
            connection.close()


def checked(url: str, is_allowed: Callable[[Address], bool]) -> Target:
    """The pinned target of an address. Raises NotSent where it may not be called or cannot be resolved."""
    try:
        return pin(parse(url), is_allowed=is_allowed)
    except AddressError as error:
        raise NotSent(f"{url}: {error}", Step.ADDRESS, error) from None
    except OSError as error:
        raise NotSent(str(error), Step.NAME) from None


def exchange(
    connection: http.client.HTTPConnection,
    method: str,
    target: Target,
    headers: dict[str, str],
    body: bytes | None,
    most_bytes: int,
    *,
    cuts: bool,
) -> Answer:
    """Send, and read no more than was agreed."""
    sent = {"Host": target.host_header, "User-Agent": "Aftercare", "Connection": "close", **headers}
    connection.request(method, target.path, body, sent)
    answer = connection.getresponse()
    text = answer.read(most_bytes if cuts else most_bytes + 1) if most_bytes or not cuts else b""
    if len(text) > most_bytes:
        raise http.client.HTTPException(f"more than {most_bytes} bytes")
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
