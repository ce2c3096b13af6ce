"""WeCom for a page inside its app: who is looking (OAuth), and the signatures its JS-SDK asks for.

Sources: developer.work.weixin.qq.com/document/path/91022 (OAuth), 91023 (who it is), 90506 (signatures), 94313
(agentConfig).
"""

import hashlib
import secrets
import time
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from aftercare.notify.clients.wecom import ask
from aftercare.notify.envelope import Credentials

AUTHORIZE = "https://open.weixin.qq.com/connect/oauth2/authorize"
TICKET_S = 6000  # a ticket lasts 7200 s and may be asked for 400 times an hour

_tickets: dict[tuple[str, str, str], tuple[str, float]] = {}


def way_in(account: Credentials, *, back_to: str, state: str) -> str:
    """Where a visitor goes to be recognised; WeCom sends them back with `code` and `state`."""
    named = {
        "appid": account.config["corp_id"],
        "redirect_uri": back_to,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
        "agentid": account.config["agent_id"],
    }
    return f"{AUTHORIZE}?{urlencode(named)}#wechat_redirect"


def member_of(account: Credentials, code: str) -> str:
    """The user id of the corporation's member behind a code, empty for anybody else. Raises as `clients.wecom.ask`."""
    said = ask(account, f"auth/getuserinfo?{urlencode({'code': code})}")
    return str(said.get("userid") or "")


def page_config(account: Credentials, url: str, now: datetime) -> dict[str, Any]:
    """What `wx.config` and `wx.agentConfig` are called with on the page at `url`. Raises as `clients.wecom.ask`."""
    at = int(now.timestamp())
    nonce = secrets.token_hex(8)
    shared = {"timestamp": at, "nonceStr": nonce}
    corp = {
        "beta": True,
        "debug": False,
        "appId": account.config["corp_id"],
        "signature": signature_of(ticket_of(account, "get_jsapi_ticket"), nonce, at, url),
        "jsApiList": ["agentConfig", "invoke"],
    }
    agent = {
        "corpid": account.config["corp_id"],
        "agentid": account.config["agent_id"],
        "signature": signature_of(ticket_of(account, "ticket/get?type=agent_config"), nonce, at, url),
        "jsApiList": ["getCurExternalChat", "sendChatMessage"],
    }
    return {"config": corp | shared, "agent": agent | shared}


def signature_of(ticket: str, nonce: str, at: int, url: str) -> str:
    """SHA-1 over the four, in this order; the address without what follows #."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={at}&url={url.partition('#')[0]}"
    return hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - theirs


def ticket_of(account: Credentials, path: str) -> str:
    """A ticket, from the last hours where there is one."""
    key = (str(account.config.get("api", "")), str(account.config["corp_id"]) + str(account.config["agent_id"]), path)
    ticket, ends = _tickets.get(key, ("", 0.0))
    if not ticket or time.monotonic() >= ends:
        ticket = str(ask(account, path)["ticket"])
        _tickets[key] = (ticket, time.monotonic() + TICKET_S)
    return ticket
