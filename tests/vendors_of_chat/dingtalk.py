"""DingTalk, as open.dingtalk.com documents it: groupMessages/send, custom robots, messages for a robot by HTTP."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from aftercare.notify.models import Account
from tests.vendors_of_chat.double import Asked, Double, Reply

TOO_FAST: Reply = (403, {}, {"code": "Forbidden.AccessDenied.QpsLimitForApi", "message": "限流"})
REVOKED: Reply = (400, {}, {"code": "invalidClientIdOrSecret", "message": "无效的clientId或者clientSecret"})
NOT_IN_CHAT: Reply = (400, {}, {"code": "invalidParameter.openConversationId.invalid", "message": "群不存在"})
ROBOT_TOO_FAST: Reply = (200, {}, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"})


def signed(secret: str, timestamp: str) -> str:
    """The signature over a time stamp."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


@dataclass
class DingTalk(Double):
    app_key: str = "ding-1"
    app_secret: str = "ding-secret"
    robot_code: str = "robot-1"
    token: str = "ding-token"
    chats: set[str] = field(default_factory=lambda: {"cid1", "cid2"})
    robot_token: str = "robot-token"
    robot_secret: str = "SEC1"
    chat_limits: tuple[tuple[float, int], ...] = ((60, 20),)
    account_limits: tuple[tuple[float, int], ...] = ((1, 20),)

    @property
    def config(self) -> dict[str, Any]:
        return {"base_url": self.url, "app_key": self.app_key, "robot_code": self.robot_code}

    @property
    def secrets(self) -> dict[str, str]:
        return {"app_secret": self.app_secret}

    def revoke(self) -> None:
        """Somebody made a new app secret in the console: neither the old one nor its token is taken any more."""
        self.app_secret, self.token = "ding-secret-2", "ding-token-2"

    def answer(self, asked: Asked) -> Reply:
        assert asked.method == "POST"
        if asked.path == "/robot/send":
            return self.by_robot(asked)
        if asked.path == "/v1.0/oauth2/accessToken":
            if asked.json != {"appKey": self.app_key, "appSecret": self.app_secret}:
                return REVOKED
            self.tokens_given += 1
            return 200, {}, {"accessToken": self.token, "expireIn": 7200}
        assert asked.path == "/v1.0/robot/groupMessages/send"
        if asked.headers.get("x-acs-dingtalk-access-token") != self.token:
            return 401, {}, {"code": "InvalidAuthentication", "message": "不合法的access_token"}
        said = asked.json
        assert set(said) == {"robotCode", "openConversationId", "msgKey", "msgParam"} and said["msgKey"] == "sampleText"
        text = json.loads(said["msgParam"])["content"]
        if self.refusals:
            return self.refusals.pop(0)
        if said["robotCode"] != self.robot_code:
            return 400, {}, {"code": "invalidParameter.robotCode.notExsit", "message": "robot 不存在"}
        if said["openConversationId"] not in self.chats:
            return NOT_IN_CHAT
        if said["openConversationId"] in self.gone:
            return NOT_IN_CHAT
        if self.is_too_fast(said["openConversationId"]):
            return TOO_FAST
        self.take(said["openConversationId"], text, f"key-{len(self.posted)}")
        return 200, {}, {"processQueryKey": f"key-{len(self.posted) - 1}"}

    def by_robot(self, asked: Asked) -> Reply:
        """A custom robot: always 200."""
        if asked.query.get("access_token") != self.robot_token:
            return 200, {}, {"errcode": 300001, "errmsg": "token is not exist"}
        timestamp = asked.query.get("timestamp", "")
        if asked.query.get("sign") != signed(self.robot_secret, timestamp):
            return 200, {}, {"errcode": 310000, "errmsg": "sign not match"}
        assert abs(int(timestamp) / 1000 - self.now.timestamp()) < 3600
        said = asked.json
        assert said["msgtype"] == "text" and len(said["text"]["content"].encode()) <= 20_000
        if self.refusals:
            return self.refusals.pop(0)
        if self.is_too_fast("robot"):
            return ROBOT_TOO_FAST
        self.take("robot", said["text"]["content"], "")
        return 200, {}, {"errcode": 0, "errmsg": "ok"}

    def says(self, client: Client, account: Account, text: str, message_id: str = "msg1", **more: Any):
        """Somebody speaks to the robot. `more`: chat, fields, secret, at."""
        said = {
            "msgId": message_id,
            "msgtype": "text",
            "text": {"content": f" {text}"},
            "createAt": int(time.time() * 1000),
            "conversationType": "2",
            "conversationId": more.get("chat", "cid1"),
            "conversationTitle": "星光服务群",
            "senderId": "$:LWCP_v1:$abc",
            "senderNick": "王五",
            "senderStaffId": "staff-wang",
            "robotCode": self.robot_code,
            "isInAtList": True,
            "sessionWebhook": f"{self.url}/robot/sendBySession",
        } | more.get("fields", {})
        timestamp = str(int(more.get("at", time.time()) * 1000))
        headers = {"timestamp": timestamp, "sign": signed(more.get("secret", self.app_secret), timestamp)}
        path = f"/hooks/desk/{account.ref}/dingtalk"
        return client.post(path, json.dumps(said), content_type="application/json", headers=headers)
