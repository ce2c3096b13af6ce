"""Tencent Cloud: SMS (SendSms 2021-01-11) and calls (SendTtsVoice and SendCodeVoice 2020-09-02).

Documents: cloud.tencent.com document/api/382/55981 (SendSms), /api/1128/51558 (SendTtsVoice: mainland mobiles alone),
/api/382/59177 (error codes), "签名方法 v3" (TC3-HMAC-SHA256; its example is a test here).
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_noop as _

from aftercare.kernel.calls import Answer
from aftercare.notify.adapters.phones.aliyun import BAD_NUMBER, LIMITED, NO_MONEY
from aftercare.notify.adapters.phones.words import params_of
from aftercare.notify.adapters.vendors import speaking as vendor
from aftercare.notify.answers import one_time_mark
from aftercare.notify.envelope import Credentials, Envelope
from aftercare.notify.models import CODE_KIND, Channel
from aftercare.notify.outcome import Outcome, account_refused, permanent, sent, temporary, too_fast, unknown

SMS_BASE = "https://sms.tencentcloudapi.com"
VOICE_BASE = "https://vms.tencentcloudapi.com"
SMS_VERSION, VOICE_VERSION = "2021-01-11", "2020-09-02"
REGION = "ap-guangzhou"
ALGORITHM = "TC3-HMAC-SHA256"
CONTENT_TYPE = "application/json; charset=utf-8"
SIGNED_HEADERS = "content-type;host;x-tc-action"

NO_TEMPLATE = _("Tencent Cloud does not know this template or signature. Enter the approved ones on the account's page")
TOO_LONG = _("Tencent Cloud takes shorter variables in this template. Enter how long on the account's page")
# How long each limit of one callee lasts.
CALLEE_LIMIT = {
    "LimitExceeded.PhoneNumberThirtySecondLimit": 30.0,
    "LimitExceeded.PhoneNumberOneHourLimit": 3600.0,
    "LimitExceeded.PhoneNumberDailyLimit": 86_400.0,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": 86_400.0,
    "LimitExceeded.DeliveryFrequencyLimit": 600.0,
}
OF_ACCOUNT = {
    "FailedOperation.SignatureIncorrectOrUnapproved": NO_TEMPLATE,
    "FailedOperation.TemplateIncorrectOrUnapproved": NO_TEMPLATE,
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": NO_TEMPLATE,
    "FailedOperation.TemplateUnapprovedOrNotExist": NO_TEMPLATE,
    "InvalidParameterValue.TemplateParameterLengthLimit": TOO_LONG,
    "FailedOperation.InsufficientBalanceInSmsPackage": NO_MONEY,
    "FailedOperation.InsufficientBalance": NO_MONEY,
    "LimitExceeded.AppDailyLimit": NO_MONEY,
}


def send(envelope: Envelope) -> Outcome:
    """Write or call. Raises Undelivered."""
    account = vendor.account_of(envelope, "secret_id", "secret_key", "sdk_app_id")
    if envelope.channel == Channel.SMS:
        return verdict_of(ask(account, SMS_BASE, "SendSms", SMS_VERSION, message(account, envelope), envelope.at))
    if envelope.kind == CODE_KIND:
        action, said = "SendCodeVoice", {"CodeMessage": envelope.secret_url}
    else:
        vendor.account_of(envelope, "page_template")
        action, said = "SendTtsVoice", spoken(account, envelope)
    body = {
        "CalledNumber": envelope.address,
        "VoiceSdkAppid": str(account.config["sdk_app_id"]),
        "PlayTimes": 3,
        "SessionContext": one_time_mark(envelope.ref),
        **said,
    }
    return verdict_of(ask(account, VOICE_BASE, action, VOICE_VERSION, body, envelope.at))


def message(account: Credentials, envelope: Envelope) -> dict[str, Any]:
    """What SendSms asks for. Raises Undelivered where the account has no template or signature."""
    template = "code_template" if envelope.kind == CODE_KIND else "page_template"
    vendor.account_of(envelope, template, "sign_name")
    return {
        "PhoneNumberSet": [envelope.address],
        "SmsSdkAppId": str(account.config["sdk_app_id"]),
        "SignName": str(account.config["sign_name"]),
        "TemplateId": str(account.config[template]),
        "TemplateParamSet": list(params_of(account, envelope).values()),
        "SessionContext": envelope.ref,
    }


def spoken(account: Credentials, envelope: Envelope) -> dict[str, Any]:
    """The template of a call with its variables."""
    params = list(params_of(account, envelope).values())
    return {"TemplateId": str(account.config["page_template"]), "TemplateParamSet": params}


def ask(account: Credentials, base: str, action: str, version: str, body: Mapping[str, Any], at: datetime) -> Answer:
    """One signed call. Raises Undelivered."""
    content = json.dumps(body, ensure_ascii=False).encode()
    host = urlsplit(vendor.base_of(account, base)).netloc
    headers = signed(account, service_of(base), action, content, host=host, at=at)
    headers |= {"X-TC-Version": version, "X-TC-Region": str(account.config.get("region") or REGION)}
    return vendor.call(account, base, "/", content=content, headers=headers)


def service_of(base: str) -> str:
    """`sms` or `vms`: part of what is signed."""
    return (urlsplit(base).hostname or "").partition(".")[0]


def signed(
    account: Credentials, service: str, action: str, content: bytes, *, host: str, at: datetime
) -> dict[str, str]:
    """The headers of a POST of this body to `/`, with the signature over it."""
    request = "\n".join(
        ("POST", "/", "", told_headers(host, action), SIGNED_HEADERS, hashlib.sha256(content).hexdigest())
    )
    timestamp, day = str(int(at.timestamp())), f"{at.astimezone(UTC):%Y-%m-%d}"
    scope = f"{day}/{service}/tc3_request"
    text = "\n".join((ALGORITHM, timestamp, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"TC3{account.secrets['secret_key']}".encode()
    for word in (day, service, "tc3_request"):
        key = hmac.digest(key, word.encode(), hashlib.sha256)
    signature = hmac.digest(key, text.encode(), hashlib.sha256).hex()
    who = f"Credential={account.config['secret_id']}/{scope}"
    return {
        "Authorization": f"{ALGORITHM} {who}, SignedHeaders={SIGNED_HEADERS}, Signature={signature}",
        "Content-Type": CONTENT_TYPE,
        "X-TC-Action": action,
        "X-TC-Timestamp": timestamp,
    }


def told_headers(host: str, action: str) -> str:
    """The headers that are signed, each on its line."""
    return f"content-type:{CONTENT_TYPE}\nhost:{host}\nx-tc-action:{action.lower()}\n"


def verdict_of(answer: Answer) -> Outcome:
    """What the answer says: an error of the call, or of the one number in it; HTTP says 200 to all of them."""
    said = inner(answer.json(), "Response")
    statuses = said.get("SendStatusSet")
    status = statuses[0] if isinstance(statuses, list) and statuses else said.get("SendStatus")
    status = status if isinstance(status, dict) else {}
    if status.get("Code", "Ok" if status.get("CallId") else "") == "Ok":
        return sent(str(status.get("SerialNo") or status.get("CallId", "")))
    error = inner(said, "Error") or status
    code = str(error.get("Code", ""))
    detail = f"{code or f'HTTP {answer.status}'} {str(error.get('Message', ''))[:200]}".strip()
    if code in CALLEE_LIMIT:
        return too_fast(LIMITED, detail, wait_s=CALLEE_LIMIT[code], whole_account=False)
    if code.startswith("RequestLimitExceeded"):
        return too_fast(vendor.TOO_FAST, detail, wait_s=5.0, whole_account=True)
    if code in OF_ACCOUNT:
        return account_refused(OF_ACCOUNT[code], detail)
    if code.startswith(("AuthFailure", "UnauthorizedOperation", "IpNotInWhitelist")):
        return account_refused(vendor.KEY_REFUSED, detail)
    if code in ("InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberInBlacklist"):
        return permanent(BAD_NUMBER, detail)
    if code == "InternalError.Timeout":
        return unknown(vendor.NOT_NOW, detail)
    if code.startswith("InternalError") or answer.status >= 500:
        return temporary(vendor.NOT_NOW, detail)
    return permanent(vendor.REFUSED, detail) if code else unknown(vendor.NO_SENSE, detail)


def inner(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object inside an object, empty where there is none."""
    value = said.get(name)
    return value if isinstance(value, dict) else {}
