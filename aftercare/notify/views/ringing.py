"""What vendors of SMS and calls bring back: key presses, replies, and how a call ended.

Documents: twilio.com docs/usage/security (X-Twilio-Signature), docs/voice/twiml/gather, docs/messaging/guides/track-
outbound-message-status; help.aliyun.com /zh/vms voicereport and voicecallreport, /zh/sms SmsUp (an HTTP push is a JSON
array and signs nothing); cloud.tencent.com voicekey_callback, voiceprompt_callback and SMS replies (neither is signed).
An address that signs nothing holds a secret part; what comes to it still has to name a message by a mark of ours.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext_noop
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify import answering, answers
from aftercare.notify.contact_addresses import phone_number
from aftercare.notify.envelope import credentials_of, language_of
from aftercare.notify.models import Account, Delivery, Ring, Vendor
from aftercare.notify.outbox import mark_returned

BODY_AT_MOST = 256 * 1024
ITEMS_AT_MOST = 500
NOT_REACHED = gettext_noop("The call or message did not reach the person")
# How often a number is told by a text that we did not understand it: whoever writes back by a machine hears no more.
SENTENCES_AT_MOST, SENTENCES_WITHIN = 5, timedelta(hours=1)
ENDED_BADLY = frozenset({"busy", "no-answer", "failed", "canceled", "undelivered"})
# Busy, not answered, wrong, unreachable, no sound, switched off, out of service, lost, restricted, refused, too many at
# once or too often: nobody heard it (help.aliyun.com document_detail/55085). 200000, 200001 and 200008 were answered.
ALIYUN_NOT_REACHED = frozenset(
    f"200{code:03}" for code in (2, 3, 4, 5, 6, 7, 10, 11, 12, 104, 105, 111, 112, 113, *range(116, 122))
)
Receive = Callable[..., HttpResponse]


def door(vendor: str) -> Callable[[Receive], Callable[..., HttpResponse]]:
    """A view out of a receiver: too much 413, an account that is unknown or not in use 403, as what is forged."""

    def make(receive: Receive) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @require_POST
        @wraps(receive)
        def view(request: HttpRequest, ref: str, **named: str) -> HttpResponse:
            length = request.META.get("CONTENT_LENGTH") or "0"
            if not length.isdecimal() or len(length) > 9 or int(length) > BODY_AT_MOST:
                return HttpResponse(status=413)
            found = Account.objects.filter(ref=ref, enabled=True)
            account = (found.filter(vendor=vendor) if vendor else found.exclude(vendor="")).first()
            return HttpResponse(status=403) if account is None else receive(request, account, **named)

        return view

    return make


def is_from_twilio(request: HttpRequest, account: Account) -> bool:
    """Whether Twilio signed the call: HMAC-SHA1 under the auth token of our address and the form's fields in order."""
    token = credentials_of(account).secrets.get("auth_token", "")
    told = "".join(f"{name}{value}" for name in sorted(request.POST) for value in sorted(request.POST.getlist(name)))
    address = settings.BASE_URL + request.get_full_path()
    digest = hmac.digest(token.encode(), (address + told).encode(), hashlib.sha1)
    given = request.headers.get("X-Twilio-Signature", "")
    return bool(token) and hmac.compare_digest(base64.b64encode(digest), given.encode())


@door(Vendor.TWILIO)
def twilio_delivery(request: HttpRequest, account: Account, mark: str) -> HttpResponse:
    """A key press on a call, or how a call or message ended."""
    if not is_from_twilio(request, account):
        return HttpResponse(status=403)
    delivery, now = answers.delivery_of(mark), utc_now()
    if delivery is None or delivery.account_id != account.pk:
        return HttpResponse(status=403)
    if "Digits" in request.POST:
        return spoken(delivery, answering.key(delivery=delivery, pressed=request.POST["Digits"], now=now))
    ended = request.POST.get("CallStatus") or request.POST.get("MessageStatus", "")
    if ended in ENDED_BADLY:
        note_end(delivery, request.POST.get("CallSid") or request.POST.get("MessageSid", ""), ended, now)
    return HttpResponse(status=204)


def spoken(delivery: Delivery, words: str) -> HttpResponse:
    """Say it on the phone."""
    language = "zh-CN" if language_of(delivery.user).startswith("zh") else "en-US"
    return twiml(f'<Say language="{language}">{escape(words)}</Say>')


@door(Vendor.TWILIO)
def twilio_message(request: HttpRequest, account: Account) -> HttpResponse:
    """A text that somebody sent to the account's number."""
    if not is_from_twilio(request, account):
        return HttpResponse(status=403)
    number, text, now = number_of(request.POST.get("From", "")), request.POST.get("Body", ""), utc_now()
    words = answering.reply(account=account, address=number, text=text, now=now)
    # A stranger's text costs nothing and learns nothing; nor do two machines answer each other for ever.
    if not words or not may_speak(account, number, now):
        return twiml("")
    return twiml(f"<Message>{escape(words)}</Message>")


def may_speak(account: Account, number: str, now: datetime) -> bool:
    """Whether this number may be told one more sentence; counts it."""
    told = Ring.objects.filter(
        account=account, address=number, kind=answering.SENTENCE_KIND, at__gt=now - SENTENCES_WITHIN
    )
    if told.count() >= SENTENCES_AT_MOST:
        return False
    Ring.objects.create(account=account, address=number, kind=answering.SENTENCE_KIND, attempt=0, at=now)
    return True


def twiml(inside: str) -> HttpResponse:
    """An answer that Twilio carries out."""
    return HttpResponse(f"<Response>{inside}</Response>", content_type="text/xml; charset=utf-8")


@door("")
def ring_receipts(request: HttpRequest, account: Account, token: str) -> HttpResponse:
    """What Aliyun and Tencent bring to the account's own address."""
    if not answers.is_inbound(account, token):
        return HttpResponse(status=403)
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    now = utc_now()
    items = said if isinstance(said, list) else [said]
    for item in items[:ITEMS_AT_MOST]:
        if isinstance(item, dict):
            (of_aliyun if account.vendor == Vendor.ALIYUN else of_tencent)(account, item, now)
    done = {"code": 0, "msg": "OK"} if account.vendor == Vendor.ALIYUN else {"result": 0, "errmsg": "OK"}
    return JsonResponse(done)


def of_aliyun(account: Account, item: dict[str, Any], now: datetime) -> None:
    """A receipt of a call (its `out_id` is our mark), or a reply to a text."""
    if "phone_number" in item and "content" in item:
        hear_reply(account, number_of(text_of(item, "phone_number")), text_of(item, "content"), now)
        return
    delivery = answers.delivery_of(text_of(item, "out_id"))
    if delivery is None or delivery.account_id != account.pk or not is_call(delivery, text_of(item, "call_id")):
        return
    hear_key(delivery, text_of(item, "dtmf"), now)
    status = text_of(item, "status_code")
    if status in ALIYUN_NOT_REACHED:
        note_end(delivery, text_of(item, "call_id"), status, now)


def of_tencent(account: Account, item: dict[str, Any], now: datetime) -> None:
    """A key press, the end of a call, or a reply to a text. A call is known by the id that Tencent gave it."""
    if "mobile" in item and "text" in item:
        number = number_of(f"+{text_of(item, 'nationcode') or '86'}{text_of(item, 'mobile')}")
        hear_reply(account, number, text_of(item, "text"), now)
        return
    for name in ("voicekey_callback", "voiceprompt_callback"):
        inner = item.get(name)
        if not isinstance(inner, dict) or not text_of(inner, "callid"):
            continue
        call_id = text_of(inner, "callid")
        delivery = Delivery.objects.filter(account=account, provider_message_id=call_id).first()
        if delivery is None:
            continue
        hear_key(delivery, text_of(inner, "keypress"), now)
        if name == "voiceprompt_callback" and text_of(inner, "result") in ("1", "2"):
            note_end(delivery, call_id, text_of(inner, "result"), now)


def hear_key(delivery: Delivery, pressed: str, now: datetime) -> None:
    """A key on a call that hears nothing back: what was refused is told in the console."""
    answer = answers.KEYS.get(pressed[:1])
    if answer is None:
        return
    with translation.override(language_of(delivery.user)):
        try:
            answering.take_answer(delivery=delivery, answer=answer, now=now)
        except Refused as refused:
            answering.tell_on_console(delivery=delivery, sentence=refused.sentence, now=now)


def hear_reply(account: Account, number: str, text: str, now: datetime) -> None:
    """A text to a number that writes in approved templates alone: what was not understood, or refused, is told in the
    console."""
    words = answering.reply(account=account, address=number, text=text, now=now)
    newest = answering.waiting_for(account, number, now)[:1] if words else []
    for delivery in newest:
        answering.tell_on_console(delivery=delivery, sentence=words or "", now=now)


def text_of(item: dict[str, Any], name: str) -> str:
    """A field as text that the database can hold."""
    value = item.get(name)
    return str(value).replace("\x00", "")[:200] if isinstance(value, str | int) else ""


def number_of(text: str) -> str:
    """A number as contacts are written; empty for none."""
    try:
        return phone_number(text, is_call=True)
    except Refused:
        return ""


def is_call(delivery: Delivery, call_id: str) -> bool:
    """Whether this call was for that message; what is under way has no id yet."""
    return bool(call_id) and delivery.provider_message_id in ("", call_id)


@transaction.atomic
def note_end(delivery: Delivery, call_id: str, status: str, now: datetime) -> None:
    """The call or text did not arrive: it has failed, so that the next way or person comes at once.

    An earlier attempt's end says nothing of a later one, and after an answer nothing has failed.
    """
    if not call_id or delivery.provider_message_id != call_id or delivery.answers.exists():
        return
    mark_returned(delivery=delivery, words=NOT_REACHED, reason=status[:60], now=now)
