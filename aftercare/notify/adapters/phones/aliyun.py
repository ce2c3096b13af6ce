"""Aliyun: SMS (dysmsapi 2017-05-25 SendSms) and calls (dyvmsapi 2017-05-25 SingleCallByTts, IvrCall).

Documents: help.aliyun.com "V3 request structure and signature" (ACS3-HMAC-SHA256; its example is a test here),
document_detail/419273 (SendSms), /zh/vms/developer-reference/api-dyvmsapi-2017-05-25-singlecallbytts,
document_detail/114037 (IvrCall: key presses need a number of one's own and come back by receipts).
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext_noop as _

from aftercare.kernel.calls import Answer
from aftercare.notify.adapters.phones.words import local_number, params_of
from aftercare.notify.adapters.vendors import speaking as vendor
from aftercare.notify.answers import KEYS, one_time_mark
from aftercare.notify.envelope import Credentials, Envelope
from aftercare.notify.models import CODE_KIND, Channel
from aftercare.notify.outcome import Outcome, account_refused, permanent, sent, temporary, too_fast, unknown

SMS_BASE = "https://dysmsapi.aliyuncs.com"
VOICE_BASE = "https://dyvmsapi.aliyuncs.com"
VERSION = "2017-05-25"
ALGORITHM = "ACS3-HMAC-SHA256"
CONTENT_TYPE = "application/json; charset=utf-8"

NO_TEMPLATE = _("Aliyun does not know this template or signature. Enter the approved ones on the account's page")
NO_MONEY = _("The vendor's account has no money or is not in service")
LIMITED = _("The vendor's limit for this number is used up")
BAD_NUMBER = _("The vendor cannot reach this number")
CALLEE_LIMIT = frozenset({"isv.BUSINESS_LIMIT_CONTROL", "isv.CALLED_LIMIT_CONTROL", "isv.TASK_EXCEED_LIMIT"})
OF_ACCOUNT = {
    "isv.SMS_SIGNATURE_ILLEGAL": NO_TEMPLATE,
    "isv.SMS_TEMPLATE_ILLEGAL": NO_TEMPLATE,
    "isv.SMS_SIGN_ILLEGAL": NO_TEMPLATE,
    "isv.TTS_TEMPLATE_ILLEGAL": NO_TEMPLATE,
    "isv.TEMPLATE_MISSING_PARAMETERS": NO_TEMPLATE,
    "isv.DISPLAY_NUMBER_ILLEGAL": NO_TEMPLATE,
    "isv.AMOUNT_NOT_ENOUGH": NO_MONEY,
    "isv.OUT_OF_SERVICE": NO_MONEY,
    "isv.ACCOUNT_ABNORMAL": NO_MONEY,
    "isv.PRODUCT_UNSUBSCRIBE": NO_MONEY,
    "isv.PRODUCT_UN_SUBSCRIPT": NO_MONEY,
    "isv.DAY_LIMIT_CONTROL": NO_MONEY,
    "SignatureDoesNotMatch": vendor.KEY_REFUSED,
}
FOR_GOOD = {"isv.MOBILE_NUMBER_ILLEGAL": BAD_NUMBER, "isv.BLACK_KEY_CONTROL_LIMIT": BAD_NUMBER}


def send(envelope: Envelope) -> Outcome:
    """Write or call. Raises Undelivered."""
    account = vendor.account_of(envelope, "access_key_id", "access_key_secret", template_name(envelope))
    if envelope.channel == Channel.SMS:
        vendor.account_of(envelope, "sign_name")
        return verdict_of(ask(account, SMS_BASE, "SendSms", message(account, envelope), envelope.at), "BizId")
    action = "IvrCall" if answers_by_key(account, envelope) else "SingleCallByTts"
    return verdict_of(ask(account, VOICE_BASE, action, call_of(account, envelope), envelope.at), "CallId")


def template_name(envelope: Envelope) -> str:
    """Which of the account's templates speaks."""
    return "code_template" if envelope.kind == CODE_KIND else "page_template"


def answers_by_key(account: Credentials, envelope: Envelope) -> bool:
    """Whether a key press is heard: needs a number of one's own and a template that says thank you."""
    return envelope.kind != CODE_KIND and bool(account.config.get("show_number") and account.config.get("key_template"))


def message(account: Credentials, envelope: Envelope) -> dict[str, str]:
    """What SendSms asks for; `OutId` comes back with receipts."""
    return {
        "PhoneNumbers": local_number(envelope.address),
        "SignName": str(account.config["sign_name"]),
        "TemplateCode": str(account.config[template_name(envelope)]),
        "TemplateParam": json.dumps(params_of(account, envelope), ensure_ascii=False),
        "OutId": envelope.ref,
    }


def call_of(account: Credentials, envelope: Envelope) -> dict[str, str]:
    """What SingleCallByTts or IvrCall asks for."""
    said = json.dumps(params_of(account, envelope), ensure_ascii=False)
    template, number = str(account.config[template_name(envelope)]), local_number(envelope.address)
    shown = str(account.config.get("show_number", ""))
    if answers_by_key(account, envelope):
        thanks = str(account.config["key_template"])
        keys = {f"MenuKeyMap.{key}.{name}": v for key in KEYS for name, v in (("Key", key), ("Code", thanks))}
        said_by = {"StartCode": template, "StartTtsParams": said, "PlayTimes": "3", "Timeout": "8000", **keys}
    else:
        said_by = {"TtsCode": template, "TtsParam": said, "PlayTimes": "3"}
    caller = {"CalledShowNumber": shown} if shown else {}
    return {"CalledNumber": number, "OutId": one_time_mark(envelope.ref), **caller, **said_by}


def ask(account: Credentials, base: str, action: str, query: Mapping[str, str], at: datetime) -> Answer:
    """One signed call; its parameters stand in the query. Raises Undelivered."""
    text = canonical_query(query)
    host = urlsplit(vendor.base_of(account, base)).netloc
    nonce = secrets.token_hex(16)
    headers = signed(account, action, text, host=host, at=at, nonce=nonce, content_type=CONTENT_TYPE)
    return vendor.call(account, base, f"/?{text}", content=b"", headers=headers)


def canonical_query(query: Mapping[str, str]) -> str:
    """The parameters in the order of their names, percent-encoded as RFC 3986 says."""
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(query.items()))


def signed(
    account: Credentials, action: str, query: str, *, host: str, at: datetime, nonce: str, content_type: str = ""
) -> dict[str, str]:
    """The headers of an empty POST to `/`, with the signature over them, the host, the type and the query."""
    nothing = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": nothing,
        "x-acs-date": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": nonce,
        "x-acs-version": VERSION,
        **({"content-type": content_type} if content_type else {}),
    }
    names = ";".join(sorted(headers))
    told = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    request = "\n".join(("POST", "/", query, told, names, nothing))
    digest = hashlib.sha256(request.encode()).hexdigest()
    secret = account.secrets["access_key_secret"].encode()
    signature = hmac.digest(secret, f"{ALGORITHM}\n{digest}".encode(), hashlib.sha256).hex()
    who = account.config["access_key_id"]
    told_by_us = {name: value for name, value in headers.items() if name.startswith("x-")}
    return {**told_by_us, "Authorization": f"{ALGORITHM} Credential={who},SignedHeaders={names},Signature={signature}"}


def verdict_of(answer: Answer, id_name: str) -> Outcome:
    """What `Code` means, whatever the HTTP status: Aliyun says 200 to much that it did not do."""
    said = answer.json()
    code, detail = str(said.get("Code", "")), detail_of(answer)
    if code == "OK" and answer.status == 200:
        return sent(str(said.get(id_name, "")))
    if code in CALLEE_LIMIT:
        return too_fast(LIMITED, detail, wait_s=window_of(str(said.get("Message", ""))), whole_account=False)
    if code.startswith("Throttling") or answer.status == 429:
        return too_fast(vendor.TOO_FAST, detail, wait_s=5.0, whole_account=True)
    if code in OF_ACCOUNT:
        return account_refused(OF_ACCOUNT[code], detail)
    if code.startswith(("InvalidAccessKeyId", "Forbidden", "NoPermission", "isv.ACCOUNT", "isp.RAM")):
        return account_refused(vendor.KEY_REFUSED, detail)
    if code in FOR_GOOD:
        return permanent(FOR_GOOD[code], detail)
    if code.startswith(("isp.", "ServiceUnavailable", "InternalError")) or answer.status >= 500:
        return temporary(vendor.NOT_NOW, detail)
    return permanent(vendor.REFUSED, detail) if code else unknown(vendor.NO_SENSE, detail)


def window_of(message: str) -> float:
    """How long the limit that Aliyun names lasts: it says which in its words."""
    for word, seconds in (("分钟", 60.0), ("小时", 3600.0), ("天", 86_400.0)):
        if word in message:
            return seconds
    return 3600.0


def detail_of(answer: Answer) -> str:
    """Aliyun's code and words."""
    said = answer.json()
    return f"{said.get('Code', f'HTTP {answer.status}')} {str(said.get('Message', ''))[:200]}".strip()
