"""The address that takes alerts: `/alerts/in/<key>`, or `/alerts/in` with the key as bearer."""

import logging
from math import ceil
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from aftercare.kernel.allowances import Allowance
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.kernel.signing import fingerprint
from aftercare.watch.models import SourceKey, SourceKind
from aftercare.watch.outside.intake import Taken, take_in
from aftercare.watch.outside.payloads import MOST_TROUBLES

log = logging.getLogger(__name__)

LARGEST = 1 << 20
LONGEST_SESSION = 100
# Zabbix and Nightingale send every alert by itself: an outage of hundreds of hosts must get through in one go.
PAYLOADS = Allowance(600, 60)


@csrf_exempt
@transaction.non_atomic_requests
def alerts_in(request: HttpRequest, key: str = "") -> JsonResponse:
    """POST a payload of the source's kind; 200 means that what it tells is kept.

    400 that nothing could be read, with the sentences why; 404 no such address; 410 one that was revoked or replaced;
    413 too large; 429 too often or too many open, with Retry-After; 500 try again. GET tells whether the address works.
    """
    try:
        answered = received(request, key)
    except Exception:
        log.exception("a payload of alerts could not be kept; its sender is told to try again")
        answered = JsonResponse({"error": "This could not be kept. Send it again."}, status=500)
    # Django would write the address of a refused call, and with it the key, to the log.
    answered._has_been_logged = True  # type: ignore[attr-defined]
    return answered


def received(request: HttpRequest, key: str) -> JsonResponse:
    """The answer to one request."""
    if request.method not in ("GET", "POST"):
        return JsonResponse({"error": "POST alerts here."}, status=405, headers={"Allow": "GET, POST"})
    now = utc_now()
    known = SourceKey.objects.select_related("source").filter(fingerprint=fingerprint(key or bearer(request))).first()
    if known is None:
        return JsonResponse({"error": "There is no such address."}, status=404)
    if known.source.revoked_at or (known.expires_at and known.expires_at <= now):
        return gone()
    if request.method == "GET":
        return JsonResponse({"takes": known.source.kind})
    wait_s = PAYLOADS.take(known.source.ref, now)
    if wait_s:
        return too_many(ceil(wait_s), [f"Over {PAYLOADS.most} payloads a minute: send several alerts in one."])
    body = body_of(request)
    if body is None:
        return JsonResponse({"error": f"A payload may have {LARGEST} bytes."}, status=413)
    try:
        taken, payload = take_in(source=known.source, body=body, now=now)
    except Refused:
        return gone()
    return answer(known.source.kind, taken, payload)


def bearer(request: HttpRequest) -> str:
    """The key that a header carries."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def body_of(request: HttpRequest) -> bytes | None:
    """The body, None where it is too large."""
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > LARGEST:
        return None
    try:
        body = request.body
    except RequestDataTooBig:
        return None
    return body if len(body) <= LARGEST else None


def answer(kind: str, taken: Taken, payload: Any) -> JsonResponse:
    """What became of the payload, as its sender understands it."""
    if taken.is_full:
        return too_many(60, list(taken.troubles[:MOST_TROUBLES]))
    told: dict[str, Any] = {name: getattr(taken, name) for name in ("opened", "known", "closed", "ignored")}
    if taken.troubles:
        told["refused"] = list(taken.troubles[:MOST_TROUBLES])
    if kind == SourceKind.TENCENT and isinstance(payload, dict):
        told |= {"sessionId": str(payload.get("sessionId", ""))[:LONGEST_SESSION], "retCode": 0}
    return JsonResponse(told, status=400 if taken.is_refused else 200)


def gone() -> JsonResponse:
    """The key worked once."""
    return JsonResponse({"error": "This address was revoked or replaced."}, status=410)


def too_many(wait_s: int, refused: list[str]) -> JsonResponse:
    """Come again later."""
    return JsonResponse({"refused": refused}, status=429, headers={"Retry-After": str(wait_s)})
