"""Feishu and Lark: text by the app's bot.

Documents: open.feishu.cn server-docs/im-v1/message/create and /reply, authentication tenant_access_token_internal,
api-call-guide/frequency-control and generic-error-code. The delivery's ref is the message's `uuid`: what Feishu took
within the hour it does not take again. Lark's accounts name https://open.larksuite.com as their `base_url`.
"""

import json
from datetime import datetime
from urllib.parse import quote

from aftercare.kernel.calls import Answer
from aftercare.notify.adapters.calling import Undelivered
from aftercare.notify.adapters.vendors import speaking as vendor
from aftercare.notify.envelope import Credentials, Envelope
from aftercare.notify.outcome import Outcome, account_refused, permanent, sent, temporary, too_fast, unknown

BASE = "https://open.feishu.cn"
SIGN_IN = "/open-apis/auth/v3/tenant_access_token/internal"
TOKEN_REFUSED = frozenset({99991661, 99991663, 99991664, 99991668, 99991671})
OF_ACCOUNT = {
    10003: vendor.KEY_REFUSED,
    10014: vendor.KEY_REFUSED,
    99991662: vendor.KEY_REFUSED,
    99991672: vendor.NO_RIGHT,
    99991679: vendor.NO_RIGHT,
    230006: vendor.NO_RIGHT,
    230027: vendor.NO_RIGHT,
}
FOR_GOOD = {
    230001: vendor.REFUSED,
    230002: vendor.NOT_IN_CHAT,
    230018: vendor.MUTED,
    230025: vendor.TOO_LONG,
    230035: vendor.MUTED,
    232009: vendor.NO_CHAT,
    232034: vendor.NO_CHAT,
}
TOO_FAST = {99991400: True, 11232: True, 230020: False}  # whether it is the whole account that is too fast
STILL_AT_IT = 230049  # the message with this uuid is being sent
INTERNAL = frozenset({1500, 2200, 230099, 190005, 232096, 55001})

tokens = vendor.Tokens()


def send(envelope: Envelope) -> Outcome:
    """Post the words in the chat, as an answer to the message they belong to where there is one. Never raises."""
    try:
        account = vendor.account_of(envelope, "app_id", "app_secret")
        return vendor.with_token(account, tokens, lambda: post(account, envelope))
    except Undelivered as undelivered:
        return undelivered.outcome


def token_of(account: Credentials, at: datetime) -> str:
    """The app's tenant_access_token. Raises Undelivered."""

    def fetch() -> tuple[str, float]:
        app = {"app_id": account.config.get("app_id"), "app_secret": account.secrets.get("app_secret")}
        answer = vendor.call(account, BASE, SIGN_IN, body=app)
        said = answer.json()
        if said.get("code") != 0 or not said.get("tenant_access_token"):
            raise Undelivered(verdict_of(answer) or account_refused(vendor.KEY_REFUSED, detail_of(answer)))
        return str(said["tenant_access_token"]), float(said.get("expire") or 0)

    return tokens.get(account, fetch, at)


def post(account: Credentials, envelope: Envelope) -> Outcome | None:
    """One try; None where the token was refused. Raises Undelivered."""
    text = vendor.defused(vendor.words_of(envelope), "<at")
    body = {"msg_type": "text", "content": json.dumps({"text": text}, ensure_ascii=False), "uuid": envelope.ref}
    answers = str(envelope.data.get("reply_to", ""))
    if answers:
        path = f"/open-apis/im/v1/messages/{quote(answers, safe='')}/reply"
    else:
        path = "/open-apis/im/v1/messages?receive_id_type=chat_id"
        body["receive_id"] = envelope.address
    headers = {"Authorization": f"Bearer {token_of(account, envelope.at)}"}
    return verdict_of(vendor.call(account, BASE, path, body=body, headers=headers))


def verdict_of(answer: Answer) -> Outcome | None:
    """What Feishu's `code` means, whatever the HTTP status; None where it is the token."""
    said = answer.json()
    code = said.get("code")
    if code == 0:
        data = said.get("data")
        return sent(str(data.get("message_id", "")) if isinstance(data, dict) else "")
    detail = detail_of(answer)
    if code in TOO_FAST or answer.status == 429:
        wait_s = vendor.seconds_to_wait(answer, "x-ogw-ratelimit-reset", "retry-after", otherwise=2.0)
        return too_fast(vendor.TOO_FAST, detail, wait_s=wait_s, whole_account=TOO_FAST.get(code or 0, True))
    if code in TOKEN_REFUSED:
        return None
    if code in OF_ACCOUNT:
        return account_refused(OF_ACCOUNT[code], detail)
    if code in FOR_GOOD:
        return permanent(FOR_GOOD[code], detail)
    if code == STILL_AT_IT:
        return unknown(vendor.NOT_NOW, detail)
    if code in INTERNAL or answer.status >= 500:
        return temporary(vendor.NOT_NOW, detail)
    return permanent(vendor.REFUSED, detail) if isinstance(code, int) else unknown(vendor.NO_SENSE, detail)


def detail_of(answer: Answer) -> str:
    """Feishu's code and words."""
    said = answer.json()
    return f"{said.get('code', f'HTTP {answer.status}')} {str(said.get('msg', ''))[:200]}".strip()
