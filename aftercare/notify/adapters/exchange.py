"""One HTTP exchange with an address that was checked: pinned, cut off in time, no redirect followed."""

import http.client
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_noop as _

from aftercare.kernel.errors import Refused
from aftercare.kernel.outbound import Target, connection_over, ends_within
from aftercare.notify.adapters.addresses import parse, resolve
from aftercare.notify.outcome import Outcome, permanent, temporary, unknown

ANSWER_AT_MOST = 1 << 20


class NotSent(Exception):
    """An exchange that brought no answer, with what that means for the delivery."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.error)
        self.outcome = outcome


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


def exchange(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str],
    allow_private: bool,
    timeout_s: float,
    most_bytes: int = ANSWER_AT_MOST,
) -> Answer:
    """Ask, and hear the answer; ends `timeout_s` seconds after it began, resolving the name aside.

    Of the body `most_bytes` are read, if it has so many. Raises NotSent.
    """
    ends = time.monotonic() + timeout_s
    target = checked(url, allow_private=allow_private)
    left_s = ends - time.monotonic()
    if left_s <= 0:
        raise NotSent(temporary(_("Resolving the host name took too long.")))
    try:
        sock = socket.create_connection((target.pinned, target.port), timeout=left_s)
    except OSError as error:
        raise NotSent(temporary(_("No connection"), str(error))) from None
    with ends_within(sock, ends - time.monotonic()):
        return ask(sock, target, method, body, headers, ends=ends, timeout_s=timeout_s, most_bytes=most_bytes)


def checked(url: str, *, allow_private: bool) -> Target:
    """The pinned target of an address. Raises NotSent where it may not be called or cannot be resolved."""
    try:
        with translation.override(None):  # errors are kept as msgids and put into the reader's words when shown
            return resolve(parse(url), allow_private=allow_private)
    except Refused as refused:
        raise NotSent(permanent(refused.sentence)) from None
    except OSError as error:
        raise NotSent(temporary(_("The host name could not be resolved"), str(error))) from None


def ask(
    sock: socket.socket,
    target: Target,
    method: str,
    body: bytes | None,
    headers: Mapping[str, str],
    *,
    ends: float,
    timeout_s: float,
    most_bytes: int,
) -> Answer:
    """Send over this socket and hear the answer; `ends` is the monotonic time at which it is cut."""
    try:
        connection = connection_over(sock, target)
    except OSError as error:
        sock.close()
        raise NotSent(temporary(_("No secure connection"), str(error))) from None
    standing = {"Host": target.host_header, "User-Agent": "Aftercare", "Connection": "close"}
    try:
        connection.request(method, target.path, body, {**standing, **headers})
        response = connection.getresponse()
        said = response.read(most_bytes) if most_bytes else b""
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, said)
    except (OSError, http.client.HTTPException) as error:
        detail = f"{timeout_s:g} s" if time.monotonic() >= ends else repr(error)
        raise NotSent(unknown(_("No answer"), detail)) from None
    finally:
        connection.close()
