"""The vendors of chat where they reach one person: urgent messages, DING, app messages, buttons."""

import base64
import hashlib
import json
import re
import struct
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.test import Client

from aftercare.notify.models import Account
from tests.vendors_of_chat.dingtalk import DingTalk
from tests.vendors_of_chat.double import Asked, Reply
from tests.vendors_of_chat.feishu import Feishu
from tests.vendors_of_chat.slack import Slack
from tests.vendors_of_chat.telegram import Telegram
from tests.vendors_of_chat.wecom import WeCom


def sha1(parts: list[str]) -> str:
    """What WeCom signs by."""
    return hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324 - theirs


@dataclass
class FeishuPersons(Feishu):
    """im-v1 message/create to an open_id, urgent_app, urgent_sms, urgent_phone; contact-v3 batch_get_id."""

    people: dict[str, str] = field(
        default_factory=lambda: {
            "ou_linlinlin": "ou_linlinlin",
            "+8613800000001": "ou_linlinlin",
            "lin@x.example": "ou_linlinlin",
        }
    )
    urgent: list[tuple[str, str]] = field(default_factory=list)
    urgent_refusals: list[Reply] = field(default_factory=list)
    cards: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        if asked.path.startswith("/open-apis/im/") or asked.path.startswith("/open-apis/contact/"):
            if asked.headers.get("authorization") != f"Bearer {self.token}":
                return 400, {}, {"code": 99991663, "msg": "Invalid access token for authorization."}
            if asked.method == "PATCH":
                return self.make_urgent(asked)
            if asked.path == "/open-apis/contact/v3/users/batch_get_id":
                return self.look_for(asked)
        return super().answer(asked)

    def look_for(self, asked: Asked) -> Reply:
        assert asked.method == "POST" and asked.query == {"user_id_type": "open_id"}
        ((kind, (address,)),) = asked.json.items()
        assert kind == ("emails" if "@" in address else "mobiles")
        found = self.people.get(address)
        user = {kind[:-1]: address, **({"user_id": found} if found else {})}
        return 200, {}, {"code": 0, "msg": "success", "data": {"user_list": [user]}}

    def message(self, asked: Asked) -> Reply:
        said = asked.json
        assert asked.query == {"receive_id_type": "open_id"}
        assert set(said) == {"receive_id", "msg_type", "content", "uuid"} and 1 <= len(said["uuid"]) <= 50
        if self.refusals:
            return self.refusals.pop(0)
        if said["receive_id"] not in self.people.values():
            return 400, {}, {"code": 230013, "msg": "Bot has NO availability to this user."}
        content = json.loads(said["content"])
        if said["uuid"] not in self.uuids:
            text = content["text"] if said["msg_type"] == "text" else self.card(content)
            self.take(said["receive_id"], text, f"om_{len(self.uuids) + 1}")
            self.uuids[said["uuid"]] = self.posted[-1]
        return 200, {}, {"code": 0, "msg": "success", "data": {"message_id": self.uuids[said["uuid"]].id}}

    def card(self, content: dict[str, Any]) -> str:
        """Plain text alone, and buttons that give something back."""
        assert set(content) == {"config", "header", "elements"}
        words, actions = content["elements"]
        assert words["text"]["tag"] == content["header"]["title"]["tag"] == "plain_text"
        assert all(one["tag"] == "button" and one["value"]["answer"] for one in actions["actions"])
        self.cards.append(content)
        return content["header"]["title"]["content"] + "\n" + words["text"]["content"]

    def make_urgent(self, asked: Asked) -> Reply:
        assert asked.query == {"user_id_type": "open_id"}
        message, kind = asked.path.removeprefix("/open-apis/im/v1/messages/").split("/")
        assert kind in ("urgent_app", "urgent_sms", "urgent_phone") and set(asked.json) == {"user_id_list"}
        assert message in {one.id for one in self.posted}, "a message of somebody else's"
        if self.urgent_refusals:
            return self.urgent_refusals.pop(0)
        (person,) = asked.json["user_id_list"]
        self.urgent.append((kind, person))
        return 200, {}, {"code": 0, "msg": "success", "data": {"invalid_user_id_list": []}}

    def presses(self, client: Client, account: Account, value: str, by: str = "ou_linlinlin", **how: Any):
        event = {
            "operator": {"tenant_key": "tenant", "open_id": by},
            "token": "c-1",
            "action": {"value": {"answer": value}, "tag": "button"},
            "context": {"open_message_id": "om_1", "open_chat_id": "oc_x"},
        }
        return self.deliver(client, account, event, kind="card.action.trigger", event_id="press-1", **how)


@dataclass
class DingTalkPersons(DingTalk):
    """robot/ding/send and oToMessages/batchSend."""

    staff: set[str] = field(default_factory=lambda: {"manager4220"})
    dings: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        if asked.path not in ("/v1.0/robot/ding/send", "/v1.0/robot/oToMessages/batchSend"):
            return super().answer(asked)
        if asked.headers.get("x-acs-dingtalk-access-token") != self.token:
            return 401, {}, {"code": "InvalidAuthentication", "message": "不合法的access_token"}
        said = asked.json
        assert said["robotCode"] == self.robot_code
        if self.refusals:
            return self.refusals.pop(0)
        if asked.path.endswith("batchSend"):
            assert set(said) == {"robotCode", "userIds", "msgKey", "msgParam"}
            (person,) = said["userIds"]
            bad = [] if person in self.staff else [person]
            text = self.text_of(said["msgKey"], json.loads(said["msgParam"]))
            if not bad:
                self.take(person, text, "key-1")
            return 200, {}, {"processQueryKey": "key-1", "invalidStaffIdList": bad, "flowControlledStaffIdList": []}
        assert set(said) == {"robotCode", "remindType", "receiverUserIdList", "content"}
        assert said["remindType"] in (1, 2, 3) and said["content"]
        (person,) = said["receiverUserIdList"]
        if person not in self.staff:
            return 200, {}, {"openDingId": "D0", "failedList": {person: "用户不存在"}}
        self.dings.append(said)
        return 200, {}, {"openDingId": f"D{len(self.dings)}", "failedList": {}}

    @staticmethod
    def text_of(kind: str, param: dict[str, Any]) -> str:
        """The fields of a template, no others; the buttons of these cards only open links."""
        if kind == "sampleText":
            assert set(param) == {"content"}
            return param["content"]
        assert kind == "sampleActionCard" and set(param) == {"title", "text", "singleTitle", "singleURL"}
        assert all(param.values()) and len(param["singleTitle"]) <= 20 and len(param["singleURL"]) <= 500
        return f"{param['text']}\n{param['singleURL']}"


@dataclass
class WeComPersons(WeCom):
    """message/send, with cards; the app's callbacks."""

    members: set[str] = field(default_factory=lambda: {"lin"})
    app_token: str = "app-token"
    hears_callbacks: bool = True
    tasks: set[str] = field(default_factory=set)
    buttons: list[dict[str, Any]] = field(default_factory=list)

    @property
    def secrets(self) -> dict[str, str]:
        callbacks = {"app_token": self.app_token, "app_aes_key": self.aes_key} if self.hears_callbacks else {}
        return {**super().secrets, **callbacks}

    def unsealed(self, sealed: str, receive_id: str) -> str:
        """The other way round."""
        key = base64.b64decode(self.aes_key + "=")
        decryptor = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).decryptor()
        plain = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
        plain = plain[: -plain[-1]]
        (length,) = struct.unpack(">I", plain[16:20])
        assert plain[20 + length :].decode() == receive_id
        return plain[20 : 20 + length].decode()

    @property
    def config(self) -> dict[str, Any]:
        return {**super().config, "agent_id": "1000002"}

    def answer(self, asked: Asked) -> Reply:
        if asked.path != "/cgi-bin/message/send":
            return super().answer(asked)
        if asked.query.get("access_token") != self.token:
            return 200, {}, {"errcode": 40014, "errmsg": "invalid access_token"}
        said = asked.json
        assert said["agentid"] == 1000002 and "|" not in said["touser"] and said["touser"] != "@all"
        if self.refusals:
            return self.refusals.pop(0)
        text = self.card(said) if said["msgtype"] == "template_card" else said["text"]["content"]
        if said["msgtype"] == "text":
            assert set(said) == {"touser", "msgtype", "agentid", "text", "safe"} and len(text.encode()) <= 2048
        if said["touser"] not in self.members:
            return 200, {}, {"errcode": 0, "errmsg": "ok", "invaliduser": said["touser"], "msgid": "m"}
        self.take(said["touser"], text, "m1")
        return 200, {}, {"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": "m1"}

    def card(self, said: dict[str, Any]) -> str:
        """A button_interaction as path/90236 has it: only for an app whose callbacks are set up."""
        assert self.hears_callbacks and set(said) == {"touser", "msgtype", "agentid", "template_card"}
        card = said["template_card"]
        assert set(card) == {"card_type", "main_title", "sub_title_text", "card_action", "task_id", "button_list"}
        assert card["card_type"] == "button_interaction" and card["main_title"]["title"] and card["sub_title_text"]
        assert re.fullmatch(r"[0-9A-Za-z_@\-]{1,128}", card["task_id"]) and card["task_id"] not in self.tasks
        assert card["card_action"]["type"] == 1 and card["card_action"]["url"].startswith("http")
        assert 1 <= len(card["button_list"]) <= 6
        for one in card["button_list"]:
            assert set(one) == {"text", "style", "key"} and one["text"] and len(one["key"].encode()) <= 1024
            assert one["style"] in (1, 2, 3, 4)
        self.tasks.add(card["task_id"])
        self.buttons = card["button_list"]
        return "\n".join((card["main_title"]["title"], card["sub_title_text"], card["card_action"]["url"]))

    def calls(self, client: Client, account: Account, inside: str, by: str = "lin", **how: Any) -> Any:
        """The app's callback: `how`: token, corp, age_s."""
        head = f"<ToUserName><![CDATA[{self.corp_id}]]></ToUserName><FromUserName><![CDATA[{by}]]></FromUserName>"
        sealed = self.sealed(
            f"<xml>{head}<CreateTime>1</CreateTime>{inside}<AgentID>1000002</AgentID></xml>",
            how.get("corp", self.corp_id),
        )
        stamp, nonce = str(int(time.time() - how.get("age_s", 0))), "n1"
        parts = sorted((how.get("token", self.app_token), stamp, nonce, sealed))
        query = {"msg_signature": sha1(parts), "timestamp": stamp, "nonce": nonce}
        body = f"<xml><ToUserName><![CDATA[{self.corp_id}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        path = f"/hooks/ring/{account.ref}/wecom?{urlencode(query)}"
        return client.post(path, body, content_type="text/xml")

    def presses(self, client: Client, account: Account, value: str, by: str = "lin", **how: Any) -> Any:
        return self.calls(
            client,
            account,
            "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_event]]></Event>"
            f"<EventKey><![CDATA[{value}]]></EventKey><TaskId><![CDATA[t]]></TaskId>"
            "<CardType><![CDATA[button_interaction]]></CardType><ResponseCode><![CDATA[r]]></ResponseCode>",
            by,
            **how,
        )

    def writes(self, client: Client, account: Account, text: str, by: str = "lin", **how: Any) -> Any:
        inside = f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content><MsgId>1</MsgId>"
        return self.calls(client, account, inside, by, **how)

    def opened(self, answer: Any) -> str:
        """What we answered a callback, checked as WeCom checks it; empty for a plain yes."""
        if answer.content == b"success":
            return ""
        outer = dict(re.findall(r"<(\w+)>(?:<!\[CDATA\[)?([^<\]]*)", answer.content.decode()))
        parts = sorted((self.app_token, outer["TimeStamp"], outer["Nonce"], outer["Encrypt"]))
        assert sha1(parts) == outer["MsgSignature"]
        return self.unsealed(outer["Encrypt"], self.corp_id)


@dataclass
class SlackPersons(Slack):
    """chat.postMessage to a member, with blocks; block_actions."""

    buttons: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        said = asked.json
        blocks = said.pop("blocks", [])
        ids = [element["action_id"] for block in blocks for element in block.get("elements", [])]
        assert len(ids) == len(set(ids)), "an action_id stands once in a block"
        for block in blocks:
            assert block["type"] in ("section", "actions")
            for element in block.get("elements", []):
                assert (
                    element["type"] == "button" and len(element["value"]) <= 2000 and len(element["action_id"]) <= 255
                )
                assert element["text"]["type"] == "plain_text" and len(element["text"]["text"]) <= 75
                self.buttons.append(element)
        self.channels = {"U012LIN"}
        if said["channel"] not in self.channels:
            return 200, {}, {"ok": False, "error": "channel_not_found"}
        return super().answer(Asked(asked.method, asked.path, asked.query, asked.headers, json.dumps(said).encode()))

    def presses(self, client: Client, account: Account, value: str, by: str = "U012LIN", **how: Any):
        payload = {
            "type": "block_actions",
            "user": {"id": by},
            "actions": [{"type": "button", "action_id": "take", "value": value}],
        }
        return self.deliver(client, account, {"payload": json.dumps(payload)}, form=True, **how)


@dataclass
class TelegramPersons(Telegram):
    """sendMessage to a person, with an inline keyboard; callback_query."""

    chats: set[str] = field(default_factory=lambda: {"4242"})
    keys: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        said = asked.json
        markup = said.pop("reply_markup", None)
        if markup is not None:
            row = [key for line in markup["inline_keyboard"] for key in line]
            assert all(
                set(key) == {"text", "callback_data"} and len(key["callback_data"].encode()) <= 64 for key in row
            )
            self.keys = row
        return super().answer(Asked(asked.method, asked.path, asked.query, asked.headers, json.dumps(said).encode()))

    def presses(self, client: Client, account: Account, value: str, by: str = "4242", **how: Any):
        query = {"id": "77", "from": {"id": int(by), "is_bot": False, "first_name": "Lin"}, "data": value}
        return self.deliver(client, account, {"update_id": 5, "callback_query": query}, **how)
