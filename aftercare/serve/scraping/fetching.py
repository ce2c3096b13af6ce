"""One GET to an address that somebody typed: to the host that was checked and no other, within its time and size."""

import base64
import http.client
import socket
import time
import zlib
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from aftercare.kernel.outbound import (
    AddressError,
    Target,
    connection_over,
    ends_within,
    is_machines,
    is_public,
    parse,
    pin,
)
from aftercare.telemetry.words import WRONG_ADDRESS, WRONG_PORT

LARGEST_BODY = 8 << 20
CHUNK = 64 << 10
ACCEPT = (
    "application/openmetrics-text;version=1.0.0;q=0.75,application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=0.0.4;q=0.25,*/*;q=0.1"
)
TOO_LATE = _("It did not answer within its timeout.")


@dataclass(frozen=True)
class Call:
    """What is asked of a target. `bearer`, or `username` and `password`, where it wants to know us."""

    address: str
    timeout_s: float
    may_be_private: bool
    bearer: str = ""
    username: str = ""
    password: str = ""


@dataclass(frozen=True)
class Fetched:
    """What came back, unpacked."""

    body: bytes
    content_type: str


class Unfetched(Exception):
    """Nothing usable came back: a msgid that says so, and a detail that is the same in every language."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.detail = sentence, detail


def fetch(call: Call) -> Fetched:
    """GET the address. Raises Unfetched; ends `timeout_s` after its name was resolved at the latest."""
    ends = time.monotonic() + call.timeout_s
    target = checked(call)
    left_s = ends - time.monotonic()
    if left_s <= 0:
        raise Unfetched(TOO_LATE)
    try:
        sock = socket.create_connection((target.pinned, target.port), timeout=left_s)
    except OSError as error:
        raise Unfetched(TOO_LATE if isinstance(error, TimeoutError) else _("No connection"), reason(error)) from None
    try:
        with ends_within(sock, ends - time.monotonic()):
            fetched = exchange(sock, target, call)
    except Unfetched as error:
        raise (Unfetched(TOO_LATE) if time.monotonic() >= ends else error) from None
    except (OSError, http.client.HTTPException) as error:
        cut_off = time.monotonic() >= ends or isinstance(error, TimeoutError)
        raise Unfetched(*((TOO_LATE,) if cut_off else (_("No answer"), reason(error)))) from None
    finally:
        sock.close()
    if time.monotonic() >= ends:  # an answer without a length looks whole where it was cut off
        raise Unfetched(TOO_LATE)
    return fetched


def checked(call: Call) -> Target:
    """The address resolved once and pinned. Raises Unfetched where it may not be called."""
    try:
        target = parse(call.address)
        if not target.speaks_http:
            raise Unfetched(WRONG_PORT, str(target.port))
        return pin(target, is_allowed=is_machines if call.may_be_private else is_public)
    except AddressError as error:
        raise Unfetched(WRONG_ADDRESS[error.wrong]) from None
    except OSError as error:
        raise Unfetched(_("The host name could not be resolved"), reason(error)) from None


def exchange(sock: socket.socket, target: Target, call: Call) -> Fetched:
    """Ask and read. Raises Unfetched, OSError, HTTPException."""
    connection = connection_over(sock, target)
    try:
        connection.request("GET", target.path, headers=headers_of(call, target))
        answer = connection.getresponse()
        if 300 <= answer.status < 400:
            raise Unfetched(_("It answers with a redirect, which is not followed"), f"HTTP {answer.status}")
        if answer.status != 200:
            raise Unfetched(_("It answers with an error"), f"HTTP {answer.status}")
        encoding = (answer.getheader("Content-Encoding") or "").strip().lower()
        return Fetched(read_body(answer, encoding), answer.getheader("Content-Type") or "")
    finally:
        connection.close()


def headers_of(call: Call, target: Target) -> dict[str, str]:
    """What is sent along: who asks, what is understood, and what the target wants to know us by."""
    headers = {
        "Host": target.host_header,
        "Accept": ACCEPT,
        "Accept-Encoding": "gzip",
        "User-Agent": "Aftercare",
        "Connection": "close",
        "X-Prometheus-Scrape-Timeout-Seconds": f"{call.timeout_s:g}",
    }
    if call.bearer:
        headers["Authorization"] = f"Bearer {call.bearer}"
    elif call.username:
        pair = f"{call.username}:{call.password}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return headers


def read_body(answer: http.client.HTTPResponse, encoding: str) -> bytes:
    """The whole body unpacked, LARGEST_BODY at most. Raises Unfetched."""
    if encoding not in ("", "identity", "gzip"):
        raise Unfetched(_("Its answer is packed in a way that is not known here"))
    unzip = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    pieces, size = [], 0
    while piece := answer.read1(CHUNK):
        try:
            plain = unzip.decompress(piece, LARGEST_BODY + 1) if unzip else piece
        except zlib.error:
            raise Unfetched(_("Its answer says gzip but cannot be unpacked")) from None
        size += len(plain)
        if size > LARGEST_BODY:
            raise Unfetched(_("Its answer is too large"), f"> {LARGEST_BODY >> 20} MiB")
        pieces.append(plain)
    if answer.length or (unzip and not unzip.eof):
        raise Unfetched(_("Its answer ends before its end"))
    return b"".join(pieces)


def reason(error: Exception) -> str:
    """What went wrong below HTTP, in the system's words; nothing of what was answered."""
    return error.strerror or "" if isinstance(error, OSError) else type(error).__name__
