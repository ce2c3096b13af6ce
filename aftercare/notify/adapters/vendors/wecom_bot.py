"""WeCom, groups of our own company: text by the group's robot, or by an app in a group that the app made.

Documents: developer.work.weixin.qq.com path/91770 (robot), path/90248 (appchat/send), path/91039 (gettoken),
path/90313 (error codes). A robot speaks only in its own group, so its key is kept under the group's id,
`robot_key:<chat>`: words for one group can never go to another's.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from aftercare.kernel.calls import Answer
from aftercare.notify.adapters.calling import Undelivered
from aftercare.notify.adapters.vendors import speaking as vendor
from aftercare.notify.envelope import Credentials, Envelope
from aftercare.notify.outcome import Outcome, account_refused, permanent, sent, temporary, too_fast, unknown

BASE = "https://qyapi.weixin.qq.com"
MINUTE_S = 60.0  # what was too fast in a minute is refused for 60 s (path/90312)

TOKEN_REFUSED = frozenset({40014, 41001, 42001})
OF_ACCOUNT = {
    **dict.fromkeys((40001, 40013, 40091, 93000, 93004), vendor.KEY_REFUSED),
    **dict.fromkeys((48002, 48004, 60011, 60020, 86006, 301002), vendor.NO_RIGHT),
}
FOR_GOOD = {
    86001: vendor.NO_CHAT,
    86003: vendor.NO_CHAT,
    86008: vendor.NOT_IN_CHAT,
    45002: vendor.TOO_LONG,
    40058: vendor.TOO_LONG,
}
TOO_FAST = frozenset({45009, 45033, 86215})

tokens = vendor.Tokens()


def send(envelope: Envelope) -> Outcome:
    """Post the words in the group. Never raises."""
    try:
        account = vendor.account_of(envelope)
        key = account.secrets.get(f"robot_key:{envelope.address}")
        text = {"msgtype": "text", "text": {"content": vendor.defused(vendor.words_of(envelope), "<@")}}
        if key:
            answer = vendor.call(account, BASE, f"/cgi-bin/webhook/send?{urlencode({'key': key})}", body=text)
            return verdict_of(answer) or account_refused(vendor.KEY_REFUSED, detail_of(answer))
        vendor.account_of(envelope, "corp_id", "corp_secret")
        return vendor.with_token(account, tokens, lambda: by_app(account, envelope, text))
    except Undelivered as undelivered:
        return undelivered.outcome


def by_app(account: Credentials, envelope: Envelope, text: Mapping[str, object]) -> Outcome | None:
    """One try by the app; None where the token was refused. Raises Undelivered."""
    path = f"/cgi-bin/appchat/send?{urlencode({'access_token': token_of(account, envelope)})}"
    return verdict_of(vendor.call(account, BASE, path, body={"chatid": envelope.address, **text, "safe": 0}))


def token_of(account: Credentials, envelope: Envelope) -> str:
    """The app's access token. Raises Undelivered."""

    def fetch() -> tuple[str, float]:
        app = {"corpid": account.config.get("corp_id", ""), "corpsecret": account.secrets.get("corp_secret", "")}
        answer = vendor.call(account, BASE, f"/cgi-bin/gettoken?{urlencode(app)}", method="GET")
        said = answer.json()
        if said.get("errcode") != 0 or not said.get("access_token"):
            raise Undelivered(verdict_of(answer) or account_refused(vendor.KEY_REFUSED, detail_of(answer)))
        return str(said["access_token"]), float(said.get("expires_in") or 0)

    return tokens.get(account, fetch, envelope.at)


def verdict_of(answer: Answer) -> Outcome | None:
    """What WeCom's `errcode` means; None where it is the token. HTTP says 200 to all of them."""
    said = answer.json()
    code, detail = said.get("errcode"), detail_of(answer)
    if code == 0:
        return sent(str(said.get("msgid") or "errcode 0"))
    if code in TOO_FAST:
        return too_fast(vendor.TOO_FAST, detail, wait_s=MINUTE_S, whole_account=False)
    if code in TOKEN_REFUSED:
        return None
    if code in OF_ACCOUNT:
        return account_refused(OF_ACCOUNT[code], detail)
    if code in FOR_GOOD:
        return permanent(FOR_GOOD[code], detail)
    if code == -1:
        return temporary(vendor.NOT_NOW, detail)
    return permanent(vendor.REFUSED, detail) if isinstance(code, int) else unknown(vendor.NO_SENSE, detail)


def detail_of(answer: Answer) -> str:
    """WeCom's code and the beginning of its words."""
    said = answer.json()
    words = str(said.get("errmsg", "")).partition(", hint")[0]
    return f"{said.get('errcode', f'HTTP {answer.status}')} {words[:200]}".strip()
