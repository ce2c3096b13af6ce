"""DingTalk: text by the app's robot, or by a group's own custom robot.

Documents: open.dingtalk.com orgapp/the-robot-sends-a-group-message (groupMessages/send), obtain-the-access-token-of-an-
internal-app, robots/custom-robot-access and customize-robot-security-settings (signature), robot error codes. A chat
for which the account holds `robot_token:<chat>` is spoken to by its custom robot, whose `robot_secret:<chat>` signs
(`<chat>` without the signs = at its end).
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from urllib.parse import urlencode

from aftercare.kernel.calls import Answer
from aftercare.notify.adapters.calling import Undelivered
from aftercare.notify.adapters.vendors import speaking as vendor
from aftercare.notify.envelope import Credentials, Envelope
from aftercare.notify.outcome import Outcome, Verdict, account_refused, permanent, sent, temporary, too_fast, unknown

BASE = "https://api.dingtalk.com"
ROBOT_BASE = "https://oapi.dingtalk.com"
SILENCED_S = 600.0  # a custom robot that was too fast is silenced for ten minutes

ROBOT_TOO_FAST = frozenset({130101, 410100})
ROBOT_OF_ACCOUNT = frozenset({300001, 310000, 400101, 400102, 400106})
ROBOT_FOR_GOOD = {400013: vendor.NO_CHAT, 460101: vendor.TOO_LONG}

tokens = vendor.Tokens()


def send(envelope: Envelope) -> Outcome:
    """Post the words in the group. Never raises."""
    try:
        account = vendor.account_of(envelope)
        if account.secrets.get(f"robot_token:{chat_of(envelope)}"):
            return by_custom_robot(account, envelope)
        vendor.account_of(envelope, "app_key", "app_secret", "robot_code")
        return vendor.with_token(account, tokens, lambda: by_app(account, envelope))
    except Undelivered as undelivered:
        return undelivered.outcome


def by_app(account: Credentials, envelope: Envelope) -> Outcome | None:
    """One try by the app's robot; None where the token was refused. Raises Undelivered."""
    body = {
        "robotCode": account.config.get("robot_code"),
        "openConversationId": envelope.address,
        "msgKey": "sampleText",
        "msgParam": json.dumps({"content": vendor.words_of(envelope)}, ensure_ascii=False),
    }
    headers = {"x-acs-dingtalk-access-token": token_of(account, envelope)}
    return verdict_of(vendor.call(account, BASE, "/v1.0/robot/groupMessages/send", body=body, headers=headers))


def token_of(account: Credentials, envelope: Envelope) -> str:
    """The app's access token. Raises Undelivered."""

    def fetch() -> tuple[str, float]:
        app = {"appKey": account.config.get("app_key"), "appSecret": account.secrets.get("app_secret")}
        answer = vendor.call(account, BASE, "/v1.0/oauth2/accessToken", body=app)
        said = answer.json()
        if answer.status != 200 or not said.get("accessToken"):
            outcome = verdict_of(answer)
            if outcome is not None and outcome.verdict is Verdict.TEMPORARY:
                raise Undelivered(outcome)
            raise Undelivered(account_refused(vendor.KEY_REFUSED, detail_of(answer)))
        return str(said["accessToken"]), float(said.get("expireIn") or 0)

    return tokens.get(account, fetch, envelope.at)


def verdict_of(answer: Answer) -> Outcome | None:
    """What an answer of api.dingtalk.com means; None where it is the token."""
    said = answer.json()
    code, detail = str(said.get("code", "")), detail_of(answer)
    if answer.status == 200 and said.get("processQueryKey"):
        return sent(str(said["processQueryKey"]))
    if answer.status == 429 or "QpsLimit" in code:
        wait_s = vendor.seconds_to_wait(answer, "retry-after", otherwise=5.0)
        return too_fast(vendor.TOO_FAST, detail, wait_s=wait_s, whole_account=True)
    if code == "InvalidAuthentication" or "token.invalid" in code:
        return None
    if code.startswith("Forbidden.AccessDenied"):
        return account_refused(vendor.NO_RIGHT, detail)
    if "robotCode" in code:
        return account_refused(vendor.KEY_REFUSED, detail)
    if "openConversationId" in code:
        return permanent(vendor.NO_CHAT, detail)
    if answer.status >= 500 or code.startswith(("ServiceUnavailable", "system")):
        return temporary(vendor.NOT_NOW, detail)
    return permanent(vendor.REFUSED, detail) if code else unknown(vendor.NO_SENSE, detail)


def detail_of(answer: Answer) -> str:
    """DingTalk's code and words, of either API."""
    said = answer.json()
    code = said.get("code", said.get("errcode", f"HTTP {answer.status}"))
    return f"{code} {str(said.get('message', said.get('errmsg', '')))[:200]}".strip()


def chat_of(envelope: Envelope) -> str:
    """The chat as the names of its robot's secrets have it."""
    return envelope.address.rstrip("=")


def by_custom_robot(account: Credentials, envelope: Envelope) -> Outcome:
    """One try by the group's custom robot. Raises Undelivered."""
    query = {"access_token": account.secrets[f"robot_token:{chat_of(envelope)}"]}
    secret = account.secrets.get(f"robot_secret:{chat_of(envelope)}", "")
    if secret:
        query |= signature(secret, envelope.at)
    body = {"msgtype": "text", "text": {"content": vendor.words_of(envelope)}}
    answer = vendor.call(account, ROBOT_BASE, f"/robot/send?{urlencode(query)}", body=body)
    code, detail = answer.json().get("errcode"), detail_of(answer)
    if code == 0:
        return sent("errcode 0")
    if code in ROBOT_TOO_FAST:
        return too_fast(vendor.TOO_FAST, detail, wait_s=SILENCED_S, whole_account=False)
    if code in ROBOT_OF_ACCOUNT:
        return account_refused(vendor.KEY_REFUSED, detail)
    if code in ROBOT_FOR_GOOD:
        return permanent(ROBOT_FOR_GOOD[code], detail)
    if code == -1:
        return temporary(vendor.NOT_NOW, detail)
    return permanent(vendor.REFUSED, detail) if isinstance(code, int) else unknown(vendor.NO_SENSE, detail)


def signature(secret: str, at: datetime) -> dict[str, str]:
    """`timestamp` in milliseconds and `sign` of it, as DingTalk asks of custom robots and signs its own calls."""
    timestamp = str(int(at.timestamp() * 1000))
    digest = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    return {"timestamp": timestamp, "sign": base64.b64encode(digest).decode()}
