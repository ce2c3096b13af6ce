"""WeCom's server API: one access token for each corporation and secret, and the verdict in the body.

An account's `config` has `corp_id` and, where a test or a proxy needs it, `api`; its `secrets` have `secret`.
"""

import hashlib
import json
import threading
import time
from typing import Any
from urllib.parse import urlencode

from aftercare.kernel.calls import Answer, NoAnswer, call
from aftercare.notify.envelope import Credentials

APP, ARCHIVE = "secret", "archive_secret"  # which of an account's secrets a token is asked for
API = "https://qyapi.weixin.qq.com"
EARLY_S = 300  # a token is asked for anew so long before it ends
STALE_TOKEN = frozenset({40001, 40014, 42001})
# Busy, too many calls in a minute, too many at once: developer.work.weixin.qq.com/document/path/90313.
LATER = frozenset({-1, 45009, 45033, 6000})

_lock = threading.Lock()
_tokens: dict[tuple[str, str, str], tuple[str, float]] = {}


class WecomError(Exception):
    """WeCom said no: `errcode` is theirs."""

    def __init__(self, errcode: int, said: str) -> None:
        super().__init__(f"errcode {errcode} {said}".strip()[:300])
        self.errcode = errcode
        self.said = said


def ask(
    account: Credentials,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    secret: str = APP,
    timeout_s: float = 4.0,
) -> dict[str, Any]:
    """POST `body`, or GET without one, with the token of this secret; a token that went stale is renewed once.

    `path` may have a query. Raises WecomError, and NotSent or NoAnswer of `kernel.calls`.
    """
    for attempt in (1, 2):
        token = token_of(account, secret, fresh=attempt == 2, timeout_s=timeout_s)
        url = with_query(f"{api_of(account)}/cgi-bin/{path}", access_token=token)
        text = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
        answer = call("GET" if body is None else "POST", url, headers=JSON, body=text, timeout_s=timeout_s)
        try:
            return said_by(answer)
        except WecomError as error:
            if error.errcode not in STALE_TOKEN or attempt == 2:
                raise
    raise AssertionError("unreachable")


def download(account: Credentials, media_id: str, *, most_bytes: int, timeout_s: float = 5.0) -> bytes:
    """The bytes of a temporary media file. Raises as `ask` does."""
    token = token_of(account, timeout_s=timeout_s)
    url = with_query(f"{api_of(account)}/cgi-bin/media/get", access_token=token, media_id=media_id)
    answer = call("GET", url, timeout_s=timeout_s, most_bytes=most_bytes)
    if "json" in answer.headers.get("content-type", "") or answer.status != 200:
        said_by(answer)
    return answer.body


def token_of(account: Credentials, secret: str = APP, *, fresh: bool = False, timeout_s: float = 4.0) -> str:
    """The access token, from the last two hours where there is one."""
    words = account.secrets[secret]
    key = (api_of(account), str(account.config["corp_id"]), hashlib.sha256(words.encode()).hexdigest())
    with _lock:
        token, ends = _tokens.get(key, ("", 0.0))
    if token and not fresh and time.monotonic() < ends:
        return token
    url = with_query(f"{api_of(account)}/cgi-bin/gettoken", corpid=key[1], corpsecret=words)
    said = said_by(call("GET", url, timeout_s=timeout_s))
    token = str(said["access_token"])
    with _lock:
        _tokens[key] = (token, time.monotonic() + max(int(said.get("expires_in", 7200)) - EARLY_S, 60))
    return token


def api_of(account: Credentials) -> str:
    """Where this account's API is."""
    return str(account.config.get("api") or API).rstrip("/")


def with_query(url: str, **named: str) -> str:
    """The address with these in its query."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(named)}"


def said_by(answer: Answer) -> dict[str, Any]:
    """The body of a good answer. A 200 with an errcode is none: raises WecomError; NoAnswer for what is no JSON."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        raise NoAnswer(f"HTTP {answer.status}, no JSON") from None
    if not isinstance(said, dict):
        raise NoAnswer(f"HTTP {answer.status}, no JSON object")
    errcode = said.get("errcode", 0)
    if errcode != 0 or answer.status != 200:
        raise WecomError(errcode if isinstance(errcode, int) else answer.status, str(said.get("errmsg", "")))
    return said


JSON = {"Content-Type": "application/json; charset=utf-8"}
