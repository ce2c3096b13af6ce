"""What a Matrix homeserver calls: the application service API v1. Anybody else is told nothing."""

import hmac
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from aftercare.desk.inward import take_in
from aftercare.desk.models import Group
from aftercare.desk.vendors.matrix import READERS
from aftercare.kernel.clock import utc_now
from aftercare.kernel.sealing import InvalidToken
from aftercare.notify.clients.matrix import Homeserver
from aftercare.notify.envelope import Credentials, credentials_of
from aftercare.notify.models import Account, Channel

MOST_BYTES = 8_000_000  # a hundred events of 64 KiB each, which is what Synapse sends at once, and some
Heard = Callable[[HttpRequest, Account, Credentials], HttpResponse]


def homeserver_calls(method: str) -> Callable[[Heard], Callable[..., HttpResponse]]:
    """A view for the bearer of one account's `hs_token`; the same 403 for everybody else."""

    def make(hear: Heard) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @require_http_methods([method])
        def view(request: HttpRequest, **_named: str) -> HttpResponse:
            found = account_of(request)
            if found is None:
                return refusal("M_FORBIDDEN", "Bad token", 403)
            return hear(request, *found)

        return view

    return make


def account_of(request: HttpRequest) -> tuple[Account, Credentials] | None:
    """The account whose homeserver is calling."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        return None
    for account in Account.objects.filter(channel=Channel.MATRIX, enabled=True):
        try:
            credentials = credentials_of(account)
        except InvalidToken:
            continue
        known = credentials.secrets.get("hs_token", "")
        if known and hmac.compare_digest(known.encode(), token.encode()):
            return account, credentials
    return None


def refusal(errcode: str, said: str, status: int) -> JsonResponse:
    """An error as the specification writes it."""
    return JsonResponse({"errcode": errcode, "error": said}, status=status)


@homeserver_calls("PUT")
def take_transaction(request: HttpRequest, account: Account, credentials: Credentials) -> HttpResponse:
    """Keep every event of a service group's room, then say so. A transaction that comes again adds nothing."""
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return refusal("M_TOO_LARGE", "Too large", 413)
    try:
        body = json.loads(request.read(MOST_BYTES))
    except (ValueError, RecursionError):
        return refusal("M_NOT_JSON", "Not JSON", 400)
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(events, list):
        return refusal("M_BAD_JSON", "No list of events", 400)
    server, now = Homeserver.of(credentials), utc_now()
    rooms = set(Group.objects.filter(account=account).values_list("chat_id", flat=True))
    with transaction.atomic():
        for event in events:
            if is_for_us(event, rooms, server):
                take_in(
                    account=account, provider_message_id=event["event_id"], kind=event["type"], payload=event, now=now
                )
    return JsonResponse({})


def is_for_us(event: Any, rooms: set[str], server: Homeserver) -> bool:
    """Whether something may come of an event: of a kind that is read, from a group's room, and no echo of ours."""
    if not isinstance(event, dict) or not isinstance(event.get("event_id"), str) or not event["event_id"].isascii():
        return False
    kind, sender = event.get("type"), event.get("sender")
    if not isinstance(kind, str) or not isinstance(sender, str) or event.get("room_id") not in rooms:
        return False
    return (
        kind in READERS
        and "\x00" not in event["event_id"]
        and len(event["event_id"]) <= 150
        and not server.is_ours(sender)
    )


@homeserver_calls("POST")
def ping(request: HttpRequest, account: Account, credentials: Credentials) -> HttpResponse:
    """The homeserver asks whether we hear it."""
    return JsonResponse({})


@homeserver_calls("GET")
def nobody(request: HttpRequest, account: Account, credentials: Credentials) -> HttpResponse:
    """No user and no room of ours is made because somebody asks for it."""
    return refusal("M_NOT_FOUND", "There is no such thing here", 404)
