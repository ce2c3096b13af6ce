"""Webhooks: one signed JSON POST (Standard Webhooks), no redirects, five seconds in all."""

import http.client
import json
import socket
import time
from datetime import UTC
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_noop as _
from standardwebhooks import Webhook

from aftercare.kernel.errors import Refused
from aftercare.kernel.outbound import Target, connection_over, ends_within
from aftercare.notify.adapters.addresses import parse, resolve
from aftercare.notify.config import allows_private_webhooks
from aftercare.notify.envelope import Envelope
from aftercare.notify.outcome import Outcome, permanent, sent, temporary, unknown

TIMEOUT_S = 5.0
TRY_LATER = frozenset({408, 425, 429})


def send(envelope: Envelope) -> Outcome:
    """POST the envelope to its address. Never raises; ends TIMEOUT_S after the name was resolved at the latest."""
    started = time.monotonic()
    try:
        with translation.override(None):  # errors are kept as msgids and put into the reader's words when shown
            target = resolve(parse(envelope.address), allow_private=allows_private_webhooks())
    except Refused as refused:
        return permanent(refused.sentence)
    except OSError as error:
        return temporary(_("The host name could not be resolved"), str(error))
    left_s = TIMEOUT_S - (time.monotonic() - started)
    if left_s <= 0:
        return temporary(_("Resolving the host name took too long."))
    return post(target, envelope, left_s)


def body_of(envelope: Envelope) -> str:
    """The JSON text: `type`, `timestamp` and `data` as Standard Webhooks has them."""
    told: dict[str, Any] = {
        "ref": envelope.ref,
        "subject": envelope.subject_ref,
        "title": envelope.title,
        "body": envelope.body,
        "url": envelope.url,
        "urgency": envelope.urgency,
        "repeat": envelope.repeat,
        "details": envelope.data,
    }
    data = envelope.data if envelope.is_event else told
    return json.dumps(
        {"type": envelope.kind, "timestamp": envelope.at.astimezone(UTC).isoformat(), "data": data},
        ensure_ascii=False,
        separators=(",", ":"),
    )


def headers_of(envelope: Envelope, target: Target, body: str) -> dict[str, str]:
    """Headers with the idempotency id (the delivery's ref) and, where the contact has a secret, the signature."""
    at = envelope.at.astimezone(UTC)
    headers = {
        "Host": target.host_header,
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Aftercare",
        "Connection": "close",
        "webhook-id": envelope.ref,
        "webhook-timestamp": str(int(at.timestamp())),
    }
    if envelope.secret:
        headers["webhook-signature"] = Webhook(envelope.secret).sign(envelope.ref, at, body)
    return headers


def post(target: Target, envelope: Envelope, left_s: float) -> Outcome:
    """One exchange with the pinned address within `left_s` seconds; of the answer only the status is read."""
    ends = time.monotonic() + left_s
    try:
        sock = socket.create_connection((target.pinned, target.port), timeout=left_s)
    except OSError as error:
        return temporary(_("No connection"), str(error))
    with ends_within(sock, ends - time.monotonic()):
        return exchange(sock, target, envelope, ends)


def exchange(sock: socket.socket, target: Target, envelope: Envelope, ends: float) -> Outcome:
    """Send over this socket and hear the status; `ends` is the monotonic time at which it is cut."""
    try:
        connection = connection_over(sock, target)
    except OSError as error:
        sock.close()
        return temporary(_("No secure connection"), str(error))
    body = body_of(envelope)
    try:
        connection.request("POST", target.path, body.encode(), headers_of(envelope, target, body))
        return verdict_of(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        detail = f"{TIMEOUT_S:g} s" if time.monotonic() >= ends else repr(error)
        return unknown(_("No answer"), detail)
    finally:
        connection.close()


def verdict_of(status: int) -> Outcome:
    """What an HTTP status means for the delivery; redirects are refused, never followed."""
    if 200 <= status < 300:
        return sent(f"HTTP {status}")
    if status in TRY_LATER or status >= 500:
        return temporary(_("The receiver cannot take it now"), f"HTTP {status}")
    if 300 <= status < 400:
        return permanent(_("The receiver answered with a redirect, which is not followed"), f"HTTP {status}")
    return permanent(_("The receiver refused"), f"HTTP {status}")
