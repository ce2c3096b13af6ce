"""The door at which vendors knock: which account, how much, who; then kept, then answered."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from aftercare.kernel.clock import utc_now
from aftercare.notify.models import Account
from aftercare.notify.queries import credentials_of

BODY_AT_MOST = 1 << 20


class Forged(Exception):
    """The call does not come from whom it says, or is too old."""


class Unreadable(Exception):
    """The call is signed but is not what the vendor documents."""


@dataclass(frozen=True)
class Call:
    """One call of a vendor, its account opened."""

    request: HttpRequest
    account: Account
    secrets: dict[str, str]
    config: dict[str, Any]
    body: bytes
    now: datetime

    def header(self, name: str) -> str:
        """A header, empty where it is missing."""
        return str(self.request.headers.get(name, ""))

    def secret(self, name: str) -> bytes:
        """A secret of the account. Raises Forged without one: nothing can be checked, so nothing is believed."""
        value = self.secrets.get(name, "")
        if not value:
            raise Forged
        return value.encode()

    def json(self) -> dict[str, Any]:
        """The body of a call that was checked, as a JSON object. Raises Unreadable."""
        return object_of(self.body)

    def unchecked(self) -> dict[str, Any]:
        """The body where the signature stands in it. Raises Forged: nonsense of nobody knows whom gets no 400."""
        try:
            return object_of(self.body)
        except Unreadable:
            raise Forged from None


Receive = Callable[[Call], HttpResponse]


def door(channel: str, *methods: str) -> Callable[[Receive], Callable[..., HttpResponse]]:
    """A view out of a vendor's receiver: too much 413, forged 403, senseless 400.

    An account that is unknown or not in use answers 403 too: nobody learns from the answer which accounts there are.
    """

    def make(receive: Receive) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @require_http_methods(list(methods or ("POST",)))
        def view(request: HttpRequest, ref: str) -> HttpResponse:
            if length_of(request) > BODY_AT_MOST:
                return HttpResponse(status=413)
            account = Account.objects.filter(ref=ref, channel=channel, enabled=True).first()
            if account is None:
                return HttpResponse(status=403)
            opened = credentials_of(account)
            call = Call(request, account, opened.secrets, opened.config, request.body, utc_now())
            try:
                return receive(call)
            except Forged:
                return HttpResponse(status=403)
            except Unreadable:
                return HttpResponse(status=400)

        return view

    return make


def length_of(request: HttpRequest) -> int:
    """What the call says of its length; beyond what we read where it says nothing that is a number."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() and len(text) < 10 else BODY_AT_MOST + 1


def object_of(text: bytes | str) -> dict[str, Any]:
    """A JSON object. Raises Unreadable where it is none, or carries what our database cannot hold."""
    try:
        said = storable(json.loads(text))
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(said, dict):
        raise Unreadable
    return said


def part(said: Any, name: str) -> dict[str, Any]:
    """An object inside an object, empty where there is none: vendors leave out what does not apply."""
    inner = said.get(name) if isinstance(said, dict) else None
    return inner if isinstance(inner, dict) else {}


def storable(value: Any) -> Any:
    """The same without NUL characters and halves of surrogate pairs, which PostgreSQL does not store."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {storable(name): storable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    return value


def same(expected: str, given: str) -> None:
    """Compare in constant time. Raises Forged."""
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise Forged


def fresh(timestamp: str, now: datetime, *, within_s: float, per_s: int = 1) -> None:
    """Whether a vendor's time stamp, `per_s` to the second, lies near `now`. Raises Forged."""
    if not timestamp.isdecimal() or len(timestamp) > 15:
        raise Forged
    if abs(now.timestamp() - int(timestamp) / per_s) > within_s:
        raise Forged


def hmac_sha256(key: bytes, text: bytes) -> bytes:
    """The HMAC under which Slack and DingTalk sign."""
    return hmac.digest(key, text, hashlib.sha256)


def from_base64(text: str) -> bytes:
    """Bytes. Raises Forged."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Forged from None


def ok() -> JsonResponse:
    """We have it."""
    return JsonResponse({})
