"""Webhooks: one signed JSON POST (Standard Webhooks), no redirects, five seconds in all."""

import json
from datetime import UTC
from typing import Any

from django.utils.translation import gettext_noop as _
from standardwebhooks import Webhook

from aftercare.notify.adapters.calling import Undelivered, ask
from aftercare.notify.envelope import Envelope
from aftercare.notify.outcome import Outcome, permanent, sent, temporary

TRY_LATER = frozenset({408, 425, 429})


def send(envelope: Envelope) -> Outcome:
    """POST the envelope to its address. Never raises."""
    body = body_of(envelope)
    try:
        answer = ask(
            "POST",
            envelope.address,
            body=body.encode(),
            headers=headers_of(envelope, body),
            most_bytes=0,
        )
    except Undelivered as undelivered:
        return undelivered.outcome
    return verdict_of(answer.status)


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


def headers_of(envelope: Envelope, body: str) -> dict[str, str]:
    """Headers with the idempotency id (the delivery's ref) and, where the contact has a secret, the signature."""
    at = envelope.at.astimezone(UTC)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": envelope.ref,
        "webhook-timestamp": str(int(at.timestamp())),
    }
    if envelope.secret:
        headers["webhook-signature"] = Webhook(envelope.secret).sign(envelope.ref, at, body)
    return headers


def verdict_of(status: int) -> Outcome:
    """What an HTTP status means for the delivery; redirects are refused, never followed."""
    if 200 <= status < 300:
        return sent(f"HTTP {status}")
    if status in TRY_LATER or status >= 500:
        return temporary(_("The receiver cannot take it now"), f"HTTP {status}")
    if 300 <= status < 400:
        return permanent(_("The receiver answered with a redirect, which is not followed"), f"HTTP {status}")
    return permanent(_("The receiver refused"), f"HTTP {status}")
