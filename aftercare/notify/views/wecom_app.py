"""What WeCom brings to the app that writes to people: a button of a page's card, or words that somebody writes to it.

Documents: developer.work.weixin.qq.com path/90238 and path/90968 (callbacks: encrypted XML, `msg_signature`, five
seconds to answer, then twice more), path/90376 (template_card_event), path/90241 (an answer: `update_button` puts
words in the button's place, `text` is said; encrypted as the callback was).
"""

import secrets
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from aftercare.kernel.clock import utc_now
from aftercare.kernel.sealing import InvalidToken
from aftercare.notify import answering
from aftercare.notify.clients.wecom_crypto import MOST_BYTES, BadCallback, fields_of, opened, sealed_answer
from aftercare.notify.envelope import Credentials, credentials_of
from aftercare.notify.models import Account, Channel

# WeCom repeats no nonce within two hours; what is older was kept by somebody.
WINDOW_S = 7200.0
SHOWN_AT_MOST = 60


@csrf_exempt
@require_http_methods(["GET", "POST"])
def wecom_app(request: HttpRequest, ref: str) -> HttpResponse:
    """The question whether this address is ours (GET), or a callback; 403 for forgeries and for nothing at all,
    404 for an address that is no account's.
    """
    account = Account.objects.filter(ref=ref, channel=Channel.WECOM, enabled=True).first()
    if account is None:
        raise Http404
    try:
        credentials, now = credentials_of(account), utc_now()
        if request.method == "GET":
            return HttpResponse(said_in(request, credentials, request.GET.get("echostr", ""), now), "text/plain")
        return answer(request, account, credentials, now)
    except (BadCallback, InvalidToken, KeyError):
        return HttpResponse(status=403)


def answer(request: HttpRequest, account: Account, credentials: Credentials, now: datetime) -> HttpResponse:
    """Take one callback. Raises BadCallback."""
    try:
        outer = fields_of(request.read(MOST_BYTES + 1).decode())
    except UnicodeDecodeError:
        raise BadCallback("encoding") from None
    event = fields_of(said_in(request, credentials, outer.get("Encrypt", ""), now))
    by, kind = event.get("FromUserName", ""), event.get("MsgType", "")
    if kind == "event" and event.get("Event") == "template_card_event":
        _done, words = answering.press(account=account, pressed=event.get("EventKey", ""), by=by, now=now)
        inside = f"<MsgType>update_button</MsgType><Button><ReplaceName>{cdata(words)}</ReplaceName></Button>"
    elif kind == "text":
        said = answering.reply(account=account, address=by, text=event.get("Content", ""), now=now)
        if not said:
            return HttpResponse("success", "text/plain")
        inside = f"<MsgType>text</MsgType><Content><![CDATA[{plain(said)}]]></Content>"
    else:
        return HttpResponse("success", "text/plain")
    stamp = int(now.timestamp())
    people = (
        f"<ToUserName><![CDATA[{plain(by)}]]></ToUserName><FromUserName>{cdata(corp_of(credentials))}</FromUserName>"
    )
    return sealed_up(f"<xml>{people}<CreateTime>{stamp}</CreateTime>{inside}</xml>", credentials, stamp)


def said_in(request: HttpRequest, credentials: Credentials, encrypted: str, now: datetime) -> str:
    """The opened text of a callback. Raises BadCallback, and KeyError for an account that is not complete."""
    timestamp = request.GET.get("timestamp", "")
    plain_text = opened(
        encrypted,
        token=credentials.secrets["app_token"],
        aes_key=credentials.secrets["app_aes_key"],
        receive_id=corp_of(credentials),
        signature=request.GET.get("msg_signature", ""),
        timestamp=timestamp,
        nonce=request.GET.get("nonce", ""),
    )
    if not timestamp.isdecimal() or len(timestamp) > 12 or abs(now.timestamp() - int(timestamp)) > WINDOW_S:
        raise BadCallback("old")
    return plain_text


def sealed_up(xml: str, credentials: Credentials, stamp: int) -> HttpResponse:
    """An answer as WeCom reads it."""
    told = sealed_answer(
        xml,
        token=credentials.secrets["app_token"],
        aes_key=credentials.secrets["app_aes_key"],
        receive_id=corp_of(credentials),
        timestamp=str(stamp),
        nonce=secrets.token_hex(8),
    )
    return HttpResponse(told, content_type="text/xml; charset=utf-8")


def corp_of(credentials: Credentials) -> str:
    """The company, for whom callbacks are. Raises KeyError without one."""
    return str(credentials.config["corp_id"])


def plain(text: str) -> str:
    """Text that stays inside its CDATA."""
    return text.replace("]]>", "]] >")


def cdata(text: str) -> str:
    """A short text as CDATA."""
    return f"<![CDATA[{plain(text[:SHOWN_AT_MOST])}]]>"
