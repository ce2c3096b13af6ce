"""Asking a vendor of chat who somebody is, and for a file that came with a message.

Documents: open.feishu.cn im-v1/chat-members/get and message-resource/get (files of at most 100 MB); docs.slack.dev
reference/methods/users.info and reference/objects/file-object (`url_private`); core.telegram.org/bots/api#getfile
(files of at most 20 MB).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from aftercare.kernel.calls import Answer
from aftercare.notify.adapters.calling import ANSWER_AT_MOST, Undelivered
from aftercare.notify.adapters.vendors import feishu, slack, telegram
from aftercare.notify.adapters.vendors import speaking as vendor
from aftercare.notify.envelope import Credentials
from aftercare.notify.models import Channel

PAGES_AT_MOST = 10


class Unanswered(Exception):
    """The vendor could not be asked now, or did not say; worth another try."""


class Withheld(ValueError):
    """The vendor will not say, or has no such thing any more."""


def names_in(channel: str, account: Credentials, *, chat_id: str, user_id: str, now: datetime) -> dict[str, str]:
    """Names by the vendor's ids: of this person, and of whoever else the vendor tells of with them.

    Feishu tells the members of the chat, other companies' people among them; Slack one person. Raises Unanswered,
    Withheld.
    """
    try:
        if channel == Channel.FEISHU:
            return members(account, chat_id, user_id, now)
        said = ask_slack(account, f"/api/users.info?{urlencode({'user': user_id})}")
    except Undelivered as undelivered:
        raise Unanswered(str(undelivered)) from None
    user = inner(said, "user")
    name = str(inner(user, "profile").get("real_name") or user.get("real_name") or user.get("name") or "")
    return {user_id: name} if name else {}


def members(account: Credentials, chat_id: str, user_id: str, now: datetime) -> dict[str, str]:
    """The members of a Feishu chat, page by page until the wanted one is among them."""
    found: dict[str, str] = {}
    query = {"member_id_type": "open_id", "page_size": "100"}
    for _page in range(PAGES_AT_MOST):
        path = f"/open-apis/im/v1/chats/{quote(chat_id, safe='')}/members?{urlencode(query)}"
        data = inner(ask_feishu(account, path, now).json(), "data")
        items = [item for item in data.get("items") or [] if isinstance(item, dict)]
        found |= {str(item.get("member_id", "")): str(item.get("name", "")) for item in items}
        if user_id in found or not data.get("has_more"):
            break
        query["page_token"] = str(data.get("page_token", ""))
    return {person: name for person, name in found.items() if person and name}


def file_of(channel: str, account: Credentials, source: Mapping[str, Any], *, most_bytes: int, now: datetime) -> bytes:
    """The bytes of a file, one more than `most_bytes` where it has more. Raises Unanswered, Withheld."""
    try:
        if channel == Channel.FEISHU:
            message, key = (quote(str(source[name]), safe="") for name in ("message", "key"))
            path = f"/open-apis/im/v1/messages/{message}/resources/{key}?{urlencode({'type': source['type']})}"
            answer = ask_feishu(account, path, now, most_bytes=most_bytes + 1)
        elif channel == Channel.SLACK:
            answer = from_slack(account, str(source["url"]), most_bytes + 1)
        else:
            answer = from_telegram(account, str(source["file"]), most_bytes + 1)
    except Undelivered as undelivered:
        raise Unanswered(str(undelivered)) from None
    if answer.status != 200:
        raise Withheld(f"HTTP {answer.status}")
    return answer.body


def ask_feishu(account: Credentials, path: str, now: datetime, most_bytes: int = ANSWER_AT_MOST) -> Answer:
    """One GET with the app's token. Raises Undelivered, Unanswered, Withheld."""
    headers = {"Authorization": f"Bearer {feishu.token_of(account, now)}"}
    answer = vendor.call(account, feishu.BASE, path, method="GET", headers=headers, most_bytes=most_bytes)
    code = answer.json().get("code", 0) if answer.headers.get("content-type", "").startswith("application/json") else 0
    if code in feishu.TOKEN_REFUSED:
        feishu.tokens.forget(account)
        raise Unanswered("the token is not taken any more")
    if code in feishu.TOO_FAST or answer.status == 429:
        raise Unanswered("too fast")
    if code:
        raise Withheld(feishu.detail_of(answer))
    return answer


def ask_slack(account: Credentials, path: str) -> dict[str, Any]:
    """One GET of the Web API. Raises Undelivered, Unanswered, Withheld."""
    headers = {"Authorization": f"Bearer {account.secrets.get('bot_token', '')}"}
    answer = vendor.call(account, slack.BASE, path, method="GET", headers=headers)
    said = answer.json()
    if answer.status == 429 or said.get("error") in slack.TOO_FAST:
        raise Unanswered("too fast")
    if said.get("ok") is not True:
        raise Withheld(str(said.get("error", answer.status)))
    return said


def from_slack(account: Credentials, url: str, most_bytes: int) -> Answer:
    """A file at the address that Slack gave it. Our token goes to Slack's own hosts alone."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not (parts.hostname or "").endswith(".slack.com"):
        raise Withheld("not at Slack")
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = {"Authorization": f"Bearer {account.secrets.get('bot_token', '')}"}
    base = f"https://{parts.hostname}"
    return vendor.call(account, base, path, method="GET", headers=headers, most_bytes=most_bytes)


def from_telegram(account: Credentials, file_id: str, most_bytes: int) -> Answer:
    """A file by its id: first where it lies, then the file."""
    token = account.secrets.get("bot_token", "")
    where = vendor.call(
        account, telegram.BASE, f"/bot{token}/getFile?{urlencode({'file_id': file_id})}", method="GET"
    ).json()
    if where.get("ok") is not True:
        raise Withheld(str(where.get("description", ""))[:200])
    path = quote(str(inner(where, "result").get("file_path", "")))
    return vendor.call(account, telegram.BASE, f"/file/bot{token}/{path}", method="GET", most_bytes=most_bytes)


def inner(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object inside an object, empty where there is none."""
    value = said.get(name)
    return value if isinstance(value, dict) else {}
