"""What WeCom calls: the check of the address, and "there is something new". Whoever else asks finds nothing."""

import hashlib

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from aftercare.desk.inward import take_in
from aftercare.desk.vendors.wecom_kf import PULL
from aftercare.kernel.clock import utc_now
from aftercare.kernel.sealing import InvalidToken
from aftercare.notify.clients.wecom_crypto import MOST_BYTES, BadCallback, fields_of, opened
from aftercare.notify.envelope import Credentials, credentials_of
from aftercare.notify.models import Account, Channel


@csrf_exempt
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest, ref: str) -> HttpResponse:
    """Answer WeCom's check, or keep that something is there; the same 404 for forgeries and for nothing at all."""
    account = Account.objects.filter(ref=ref, channel=Channel.WECOM_KF, enabled=True).first()
    try:
        if account is None:
            raise Http404
        credentials = credentials_of(account)
        if request.method == "GET":
            return HttpResponse(said_in(request, credentials, request.GET.get("echostr", "")), "text/plain")
        hear(request, account, credentials)
    except (BadCallback, InvalidToken, KeyError):
        raise Http404 from None
    return HttpResponse("success", "text/plain")


def hear(request: HttpRequest, account: Account, credentials: Credentials) -> None:
    """Keep one callback; the same again adds nothing. Raises BadCallback."""
    body = request.read(MOST_BYTES + 1)
    try:
        encrypted = fields_of(body.decode()).get("Encrypt", "")
    except UnicodeDecodeError:
        raise BadCallback("encoding") from None
    event = fields_of(said_in(request, credentials, encrypted))
    if event.get("Event") != "kf_msg_or_event" or event.get("OpenKfId") not in (None, credentials.config["open_kfid"]):
        return
    digest = hashlib.sha256(encrypted.encode()).hexdigest()
    with transaction.atomic():
        payload = {"token": event.get("Token", "")[:500]}
        take_in(account=account, provider_message_id=f"{PULL}:{digest}", kind=PULL, payload=payload, now=utc_now())


def said_in(request: HttpRequest, credentials: Credentials, encrypted: str) -> str:
    """The opened text of a callback. Raises BadCallback, and KeyError for an account that is not complete."""
    return opened(
        encrypted,
        token=credentials.secrets["callback_token"],
        aes_key=credentials.secrets["aes_key"],
        receive_id=str(credentials.config["corp_id"]),
        signature=request.GET.get("msg_signature", ""),
        timestamp=request.GET.get("timestamp", ""),
        nonce=request.GET.get("nonce", ""),
    )
