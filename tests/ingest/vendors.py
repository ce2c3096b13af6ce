"""Doubles of the vendors: each sends what its documentation says it sends, signed as that says, with nothing of ours.

A double refuses to send what the vendor would not: fields that are not documented, ids longer than allowed. `address`
is where to send, `key` what the customer set at the vendor; what is yielded is (method, address, body, headers).
"""

import base64
import functools
import hashlib
import hmac
import json
import random
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

md5, sha1 = (functools.partial(hashlib.new, name, usedforsecurity=False) for name in ("md5", "sha1"))
Request = tuple[str, str, bytes, dict[str, str]]
JSON = {"Content-Type": "application/json"}


def only(fields: Mapping[str, Any], documented: str) -> None:
    """A vendor sends the documented fields only."""
    stray = set(fields) - set(documented.split())
    assert not stray, f"the vendor sends no {stray}"


class AgoraDouble:
    """Notifications, productId 1: both signatures over the body as it goes out."""

    def __init__(self, address: str, key: str) -> None:
        self.address, self.key, self.count = address, key.encode(), 0

    def send(self, event: int, *, now_ms: int, notice: str = "", v2: bool = True, **payload: Any) -> Request:
        only(payload, "channelName uid platform clientType clientSeq ts account reason duration")
        self.count += 1
        body = {
            "sid": "C866467GVJJ54687",
            "noticeId": notice or f"2000001428:4330:{self.count}",
            "productId": 1,
            "eventType": event,
            "notifyMs": now_ms,
            "payload": payload,
        }
        text = json.dumps(body, separators=(",", ":")).encode()
        headers = {**JSON, "Agora-Signature": hmac.new(self.key, text, hashlib.sha1).hexdigest()}
        if v2:
            headers["Agora-Signature-V2"] = hmac.new(self.key, text, hashlib.sha256).hexdigest()
        return "POST", self.address, text, headers


class TrtcDouble:
    """Room and media events: `Sign` is base64 of HMAC-SHA256 over the body; the key has 32 characters at most."""

    def __init__(self, address: str, key: str) -> None:
        assert len(key) <= 32 and key.isalnum()
        self.address, self.key = address, key

    def send(self, event: int, *, at_ms: int, **info: Any) -> Request:
        only(info, "RoomId UserId Role TerminalType UserType Reason")
        body = {
            "EventGroupId": event // 100,
            "EventType": event,
            "CallbackTs": at_ms + random.randint(50, 900),
            "EventInfo": {**info, "EventTs": at_ms // 1000, "EventMsTs": at_ms},
        }
        text = json.dumps(body).encode()
        made = hmac.new(self.key.encode(), text, hashlib.sha256).digest()
        sign = base64.b64encode(made).decode()
        return "POST", self.address, text, {**JSON, "Sign": sign, "SdkAppId": "1400000001"}


class TencentLiveDouble:
    """Push (1) and break (0), signed for ten minutes from when it is sent."""

    def __init__(self, address: str, key: str) -> None:
        self.address, self.key = address, key

    def send(self, kind: int, *, at_s: int, sequence: str, now_s: int = 0, **more: Any) -> Request:
        only(more, "errcode errmsg push_duration stream_param user_ip width height stream_id")
        expires = (now_s or at_s) + 600
        body = {
            "app": "push.example.com",
            "appid": 12345678,
            "appname": "live",
            "channel_id": more.get("stream_id", "room-3"),
            "stream_id": "room-3",
            "errcode": 0,
            "errmsg": "ok",
            "event_time": at_s,
            "event_type": kind,
            "idc_id": 34,
            "node": "42.81.194.37",
            "sequence": sequence,
            "set_id": 2,
            "t": expires,
            "sign": md5(f"{self.key}{expires}".encode()).hexdigest(),
            "user_ip": "1.1.1.1",
            "width": 0,
            "height": 0,
            **more,
        }
        return "POST", self.address, json.dumps(body).encode(), JSON


class AliyunLiveDouble:
    """GET with the event in the query; signed for the ingest domain, in older times for the callback's host."""

    def __init__(self, address: str, key: str) -> None:
        self.address, self.key = address, key

    def send(self, action: str, *, at_s: int, now_s: int = 0, domain: str = "push.example.cn", **more: Any) -> Request:
        only(more, "id appname ip node usrargs height width")
        event = {
            "action": action,
            "app": "push.example.cn",
            "appname": "live",
            "id": "room-4",
            "ip": "42.120.74.1",
            "node": "cdnvideocenter010207116011.cm3",
            "time": str(at_s),
            "usrargs": "vhost=push.example.cn&auth_key=1-0-0-abc",
            **more,
        }
        stamp = str(now_s or at_s)
        signature = md5("|".join((domain, stamp, self.key)).encode()).hexdigest()
        headers = {"ALI-LIVE-TIMESTAMP": stamp, "ALI-LIVE-SIGNATURE": signature}
        return "GET", f"{self.address}?{urlencode(event)}", b"", headers


class AliyunRtcDouble:
    """Messages of one or several events, not signed."""

    def __init__(self, address: str) -> None:
        self.address, self.count = address, 0

    def send(self, *events: dict[str, Any], now_s: int) -> Request:
        self.count += 1
        contents = []
        for event in events:
            only(event, "UserId EventTag SessionId Timestamp Reason Role TerminalType CallType")
            contents.append({"Event": "UserEvent", "UserEvent": event})
        body = {
            "MsgId": f"msg-{self.count}",
            "MsgTimestamp": now_s,
            "SubscribeID": "sub-1",
            "AppId": "9qb1test",
            "ChannelID": "123333",
            "Contents": contents,
        }
        return "POST", self.address, json.dumps(body).encode(), JSON


class ZegoDouble:
    """Room and stream events: all values are texts; SHA-1 of secret, timestamp and nonce in order of the alphabet."""

    def __init__(self, address: str, secret: str) -> None:
        self.address, self.secret = address, secret

    def send(self, event: str, *, now_s: int, form: bool = False, **fields: str) -> Request:
        common = "room_id room_seq room_session_id user_id user_name channel_id stream_id stream_sid stream_alias "
        only(
            fields,
            common + "type create_time create_time_ms stream_seq title stream_attr room_name user_account "
            "user_nickname session_id login_time logout_time reason user_role",
        )
        assert all(isinstance(value, str) for value in fields.values())
        stamp, nonce = str(now_s), str(random.randint(100_000, 999_999))
        joined = "".join(sorted([self.secret, stamp, nonce]))
        body = {
            **fields,
            "event": event,
            "appid": "1",
            "timestamp": stamp,
            "nonce": nonce,
            "signature": sha1(joined.encode()).hexdigest(),
        }
        if form:
            return "POST", self.address, urlencode(body).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        return "POST", self.address, json.dumps(body).encode(), JSON


class VolcRtcDouble:
    """Room events: SHA-256 over the sorted values of the event and the secret."""

    def __init__(self, address: str, secret: str, *, nonce: str = "Nonce") -> None:
        self.address, self.secret, self.nonce, self.count = address, secret, nonce, 0

    def send(self, event: str, *, time: str, event_id: str = "", **data: Any) -> Request:
        only(data, "RoomId UserId Reason")
        self.count += 1
        body = {
            "EventType": event,
            "EventData": json.dumps({"AppId": "Your_AppId", **data}),
            "EventTime": time,
            "EventId": event_id or f"event-{self.count}",
            "AppId": "Your_AppId",
            "Version": "2020-12-01",
            self.nonce: f"{random.randint(0, 9999):04}",
        }
        digest = hashlib.sha256("".join(sorted([*body.values(), self.secret])).encode())
        return "POST", self.address, json.dumps({**body, "Signature": digest.hexdigest()}).encode(), JSON


class VolcLiveDouble:
    """push_start and push_end, in the newer edition flat, in the older one wrapped; signed for ten minutes."""

    def __init__(self, address: str, key: str) -> None:
        self.address, self.key = address, key

    def send(self, event: str, *, at_ms: int, session: str, wrapped: bool = False, transcoded: bool = False) -> Request:
        expires = at_ms // 1000 + 600
        sign = {"sign": md5((self.key + str(expires)).encode()).hexdigest(), "t": expires}
        place = {"vhost": "push.example.com", "domain": "push.example.com", "app": "live", "stream": "stream-123456"}
        detail = {
            "time": at_ms // 1000,
            "time_ms": at_ms,
            "transcoded": transcoded,
            "fp_node_ip": "192.0.2.1",
            "fp_client_ip": "192.0.2.2",
            "session_id": session,
        }
        body: dict[str, Any] = {**place, "event_type": event, **sign, **detail}
        if wrapped:
            body = {"code": 0, "message": "ok", **sign, "data": {**place, "event_type": event, "detail": detail}}
        return "POST", self.address, json.dumps(body).encode(), JSON
