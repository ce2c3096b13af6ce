"""Slack, as docs.slack.dev documents it: chat.postMessage, the Events API, slash commands."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from aftercare.notify.models import Account
from tests.vendors_of_chat.double import Asked, Double, Reply

TOO_FAST: Reply = (429, {"Retry-After": "7"}, {"ok": False, "error": "ratelimited"})
REVOKED: Reply = (200, {}, {"ok": False, "error": "token_revoked"})
NOT_IN_CHAT: Reply = (200, {}, {"ok": False, "error": "not_in_channel"})


@dataclass
class Slack(Double):
    bot_token: str = "xoxb-1"
    signing_secret: str = "8f742231b10e8888abcd99yyyzzz85a5"
    channels: set[str] = field(default_factory=lambda: {"C1", "C2"})
    chat_limits: tuple[tuple[float, int], ...] = ((1, 1),)
    account_limits: tuple[tuple[float, int], ...] = ((60, 300),)

    @property
    def config(self) -> dict[str, Any]:
        return {"base_url": self.url}

    @property
    def secrets(self) -> dict[str, str]:
        return {"bot_token": self.bot_token, "signing_secret": self.signing_secret}

    def revoke(self) -> None:
        """Somebody took the app out of the workspace."""
        self.refusals = [REVOKED] * 9

    def answer(self, asked: Asked) -> Reply:
        if asked.method == "GET":
            return self.look_up(asked)
        assert (asked.method, asked.path) == ("POST", "/api/chat.postMessage")
        said = asked.json
        known = {"channel", "text", "mrkdwn", "unfurl_links", "unfurl_media", "thread_ts"}
        assert set(said) <= known and said["text"], said
        assert "<" not in said["text"] and ">" not in said["text"], "not escaped"
        if self.refusals:
            return self.refusals.pop(0)
        if asked.headers.get("authorization") != f"Bearer {self.bot_token}":
            return 200, {}, {"ok": False, "error": "invalid_auth"}
        if said["channel"] not in self.channels:
            return NOT_IN_CHAT
        if len(said["text"]) > 4000:
            return self.fault("longer than advised", (200, {}, {"ok": False, "error": "msg_too_long"}))
        if said["channel"] in self.gone:
            return NOT_IN_CHAT
        if self.is_too_fast(said["channel"]):
            return TOO_FAST
        ts = f"{1_700_000_000 + len(self.posted)}.000100"
        self.take(said["channel"], said["text"], ts, said.get("thread_ts", ""))
        return 200, {}, {"ok": True, "channel": said["channel"], "ts": ts, "message": {"text": said["text"]}}

    def look_up(self, asked: Asked) -> Reply:
        """A person; a file."""
        is_known = asked.headers.get("authorization") == f"Bearer {self.bot_token}"
        if asked.path == "/api/users.info":
            if not is_known or asked.query["user"] != "U1":
                return 200, {}, {"ok": False, "error": "user_not_found"}
            return 200, {}, {"ok": True, "user": {"id": "U1", "name": "wang", "profile": {"real_name": "Wang Wu"}}}
        if not is_known or asked.path not in self.files:
            return 302, {"Location": "https://slack.com/signin"}, {}
        return 200, {}, self.files[asked.path]

    def deliver(self, client: Client, account: Account, said: dict[str, Any], **how: Any):
        """Push as Slack does. `how`: secret, at, form."""
        form = how.get("form", False)
        body = urlencode(said) if form else json.dumps(said)
        timestamp = str(int(how.get("at", time.time())))
        secret = how.get("secret", self.signing_secret)
        signature = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={signature}"}
        if how.get("retry"):
            headers |= {"X-Slack-Retry-Num": str(how["retry"]), "X-Slack-Retry-Reason": "http_timeout"}
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        return client.post(f"/hooks/desk/{account.ref}/slack", body, content_type=kind, headers=headers)

    def event(self, client: Client, account: Account, event: dict[str, Any], event_id: str, **how: Any):
        wrapper = {"token": "x", "team_id": "T1", "api_app_id": "A1", "event": event, "type": "event_callback"}
        return self.deliver(client, account, wrapper | {"event_id": event_id, "event_time": 1}, **how)

    def says(self, client: Client, account: Account, text: str, ts: str = "1700000001.000100", **more: Any):
        """Somebody says something. `more`: channel, user, thread, fields, event_id, and `how`."""
        event = {"type": "message", "channel": more.pop("channel", "C1"), "channel_type": "channel", "text": text}
        event |= {"user": more.pop("user", "U1"), "ts": ts}
        if "thread" in more:
            event["thread_ts"] = more.pop("thread")
        event |= more.pop("fields", {})
        return self.event(client, account, event, more.pop("event_id", f"Ev{ts}"), **more)
