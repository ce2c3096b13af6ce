"""The vendors' callbacks: taken when they are signed as documented, refused and not kept when they are not."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from aftercare.accounts.models.key import CallbackSource
from aftercare.ingest.routes import CALLBACKS
from tests.ingest.door import APP, START_S, FrontDoor
from tests.ingest.vendors import (
    AgoraDouble,
    AliyunLiveDouble,
    AliyunRtcDouble,
    Request,
    TencentLiveDouble,
    TrtcDouble,
    VolcLiveDouble,
    VolcRtcDouble,
    ZegoDouble,
)

NOW_S = int(START_S)
NOW_MS = NOW_S * 1000
SECRET = "CallbackSecret0123456789"
PUSHES = "sumIf(sign, event = 'push_ok'), sumIf(sign, event = 'push_ended'), sumIf(sign, event = 'push_broken')"
TOTALS = f"sum(interval_ms), sum(opened), sumIf(sign, event = 'leave'), {PUSHES}"
OK = (200, {"code": 0})
# What each sends for the same story: one that began 100 s ago and ended 40 s ago.
BEGAN_S, ENDED_S = NOW_S - 100, NOW_S - 40

Story = Callable[[str], Iterator[Request]]


def agora(address: str) -> Iterator[Request]:
    sender = AgoraDouble(address, SECRET)
    user = {"channelName": "room-1", "uid": 12121212, "platform": 1, "account": "u-88"}
    yield sender.send(101, now_ms=NOW_MS, channelName="room-1", ts=BEGAN_S)
    yield sender.send(103, now_ms=NOW_MS, **user, clientSeq=1, ts=BEGAN_S)
    yield sender.send(104, now_ms=NOW_MS, **user, clientSeq=2, ts=ENDED_S, reason=1, duration=60, v2=False)


def trtc(address: str) -> Iterator[Request]:
    sender = TrtcDouble(address, SECRET)
    user = {"RoomId": 12345, "UserId": "u-88"}
    yield sender.send(101, at_ms=BEGAN_S * 1000, **user)
    yield sender.send(103, at_ms=BEGAN_S * 1000, **user, Role=20, TerminalType=2, UserType=3, Reason=1)
    yield sender.send(201, at_ms=BEGAN_S * 1000 + 200, **user)
    yield sender.send(203, at_ms=BEGAN_S * 1000 + 300, **user)
    yield sender.send(204, at_ms=BEGAN_S * 1000 + 9_000, **user)
    yield sender.send(104, at_ms=ENDED_S * 1000, **user, Role=20, Reason=2)


def tencent_live(address: str) -> Iterator[Request]:
    sender = TencentLiveDouble(address, SECRET)
    sequence = "2210464508206756938"
    yield sender.send(1, at_s=BEGAN_S, sequence=sequence, now_s=NOW_S)
    broken = {"errcode": 14, "errmsg": "network", "push_duration": "60000"}
    yield sender.send(0, at_s=ENDED_S, sequence=sequence, now_s=NOW_S, **broken)


def aliyun_live(address: str) -> Iterator[Request]:
    sender = AliyunLiveDouble(address, SECRET)
    yield sender.send("publish", at_s=BEGAN_S, now_s=NOW_S)
    yield sender.send("publish_done", at_s=ENDED_S, now_s=NOW_S, domain="hooks.example")


def aliyun_rtc(address: str) -> Iterator[Request]:
    sender = AliyunRtcDouble(address)
    user = {"UserId": "u-88", "SessionId": "0dr15rrnhkz0jnvz6o8sxo01hoondhu1", "Role": 1, "TerminalType": 5}
    joined = {**user, "EventTag": "Join", "Timestamp": BEGAN_S, "Reason": 1}
    published = {**user, "EventTag": "Publish", "Timestamp": BEGAN_S + 1}
    yield sender.send(joined, published, now_s=NOW_S)
    yield sender.send({**user, "EventTag": "Leave", "Timestamp": ENDED_S}, now_s=NOW_S)


def zego(address: str) -> Iterator[Request]:
    sender = ZegoDouble(address, SECRET)
    room = {"room_id": "rid_1", "room_seq": "6085791336856668982", "user_account": "u-88", "session_id": "0"}
    stream = {"room_id": "rid_1", "user_id": "u-88", "stream_id": "s-1", "stream_sid": "s-115205137699740000000000104"}
    began = str(BEGAN_S * 1000)
    yield sender.send("room_login", now_s=NOW_S, **room, login_time=began, user_role="1")
    yield sender.send("stream_create", now_s=NOW_S, **stream, create_time_ms=began, title="t")
    yield sender.send("stream_close", now_s=NOW_S, **stream, type="4", form=True)
    logout = {"login_time": began, "logout_time": str(ENDED_S * 1000), "reason": "0"}
    yield sender.send("room_logout", now_s=NOW_S, **room, **logout)


def volc_rtc(address: str) -> Iterator[Request]:
    sender, byteplus = VolcRtcDouble(address, SECRET), VolcRtcDouble(address, SECRET, nonce="Noce")
    user = {"RoomId": "Your_RoomId", "UserId": "u-88"}
    yield sender.send("UserJoinRoom", time=rfc3339(BEGAN_S, "000000000"), **user, event_id="a")
    yield byteplus.send("UserLeaveRoom", time=rfc3339(ENDED_S, "000999999"), **user, event_id="b", Reason="userLeave")


def volc_live(address: str) -> Iterator[Request]:
    sender = VolcLiveDouble(address, SECRET)
    yield sender.send("push_start", at_ms=BEGAN_S * 1000, session="session-1")
    yield sender.send("push_start", at_ms=BEGAN_S * 1000 + 1, session="session-2", transcoded=True)
    yield sender.send("push_end", at_ms=ENDED_S * 1000, session="session-1", wrapped=True)


def rfc3339(at_s: int, fraction: str) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%dT%H:%M:%S}.{fraction}Z"


STORIES: dict[str, Story] = {
    "agora": agora,
    "tencent-trtc": trtc,
    "tencent-live": tencent_live,
    "aliyun-live": aliyun_live,
    "aliyun-rtc": aliyun_rtc,
    "zego": zego,
    "volc-rtc": volc_rtc,
    "volc-live": volc_live,
}
# Presence in ms, sessions, leaves, pushes taken, ended, broken.
EXPECTED = {
    "agora": [60_000, 1, 1, 0, 0, 0],
    "tencent-trtc": [60_000, 1, 1, 2, 1, 1],
    "tencent-live": [60_000, 1, 0, 1, 0, 1],
    "aliyun-live": [60_000, 1, 0, 1, 1, 0],
    "aliyun-rtc": [60_000, 1, 1, 1, 1, 0],
    "zego": [60_000, 2, 1, 1, 0, 1],
    "volc-rtc": [60_000, 1, 1, 0, 0, 0],
    "volc-live": [60_000, 1, 0, 1, 1, 0],
}
SIGNED = [vendor for vendor in STORIES if vendor != "aliyun-rtc"]


@pytest.fixture
def addresses(door: FrontDoor) -> dict[str, str]:
    """An address with a key of its own for each vendor, all of one app."""
    return {
        vendor: f"/v1/hooks/{vendor}/{door.key(vendor, source=vendor, secret=SECRET, app=APP + place)}"
        for place, vendor in enumerate(STORIES)
    }


def app_of(vendor: str) -> str:
    return f"app = {APP + list(STORIES).index(vendor)}"


def test_every_vendor_with_a_secret_can_be_chosen_on_a_keys_page() -> None:
    vendors = {source.path.removeprefix("/v1/hooks/") for source in CALLBACKS}
    assert vendors == set(STORIES)
    assert set(CallbackSource.values) == set(SIGNED)


def test_stories_count_once_in_any_order_and_over_a_restart(door: FrontDoor, addresses: dict[str, str]) -> None:
    for vendor, story in STORIES.items():
        sent = list(story(addresses[vendor]))
        for request in [*sent[::-1], sent[0]]:
            assert door.send(*request) == OK, vendor
    door.stop()
    door.start()
    door.ring.reload()
    for vendor, story in STORIES.items():
        if vendor == "zego":
            continue  # its double signs anew, as the vendor does, and tells the same
        for request in story(addresses[vendor]):
            assert door.send(*request) == OK, vendor
        assert door.rows(TOTALS, app_of(vendor)) == EXPECTED[vendor], vendor
    assert door.rows(TOTALS, app_of("zego")) == EXPECTED["zego"]


def test_names_of_users_are_kept_nowhere(door: FrontDoor, addresses: dict[str, str]) -> None:
    for vendor, story in STORIES.items():
        for request in story(addresses[vendor]):
            door.send(*request)
    told = "concat(session, user, detail, stream, call, code)"
    assert door.rows(f"countIf({told} LIKE '%u-88%'), countIf({told} LIKE '%auth_key%'), countIf(user != '') > 0") == [
        0,
        0,
        1,
    ]


@pytest.mark.parametrize("vendor", SIGNED)
def test_a_callback_nobody_signed_is_refused_and_not_kept(
    door: FrontDoor, addresses: dict[str, str], vendor: str
) -> None:
    plain, bare = door.key(f"{vendor}-plain"), door.key(f"{vendor}-other", source="other", secret=SECRET)
    forged = door.key(f"{vendor}-forged", source=vendor, secret="AnotherSecret")
    for method, url, body, headers in STORIES[vendor](addresses[vendor]):
        for name, why in ((plain, "no secret"), (bare, "no secret"), (forged, "does not fit")):
            status, said = door.send(method, url.replace(f"/{vendor}/{vendor}", f"/{vendor}/{name}"), body, headers)
            assert status == 401 and why in said["error"], said
        status, said = door.send(method, url, *stripped(body, headers))
        assert status == 401 and "no signature" in said["error"], said
    assert door.rows("count()") == [0]
    assert door.telemetry.pool.rows("SELECT count() FROM rejects")[0][0] == 0


def stripped(body: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """A request without its signature, wherever that stands."""
    kept = {name: value for name, value in headers.items() if "sign" not in name.lower()}
    if body.startswith(b"{"):
        fields = json.loads(body)
        fields = {name: value for name, value in fields.items() if name.lower() not in ("sign", "signature")}
        return json.dumps(fields).encode(), kept
    return b"&".join(pair for pair in body.split(b"&") if not pair.startswith(b"signature=")), kept


@pytest.mark.parametrize("vendor", ["agora", "tencent-trtc", "volc-rtc"])
def test_a_body_that_was_changed_is_refused(door: FrontDoor, addresses: dict[str, str], vendor: str) -> None:
    for method, url, body, headers in STORIES[vendor](addresses[vendor]):
        changed = body.replace(b"1", b"2", 1)
        assert changed != body and door.send(method, url, changed, headers)[0] == 401
    assert door.rows("count()") == [0]


@pytest.mark.parametrize(("vendor", "window_s"), [("tencent-live", 601), ("volc-live", 601), ("aliyun-live", 301)])
def test_a_signature_holds_as_long_as_the_vendor_says(
    door: FrontDoor, addresses: dict[str, str], vendor: str, window_s: int
) -> None:
    request = next(STORIES[vendor](addresses[vendor]))
    sent_s = BEGAN_S if vendor == "volc-live" else NOW_S
    door.now = sent_s + window_s
    assert door.send(*request)[0] == 401
    door.now = sent_s + window_s - 2
    assert door.send(*request) == OK


@pytest.mark.parametrize("vendor", ["agora", "tencent-trtc", "zego", "volc-rtc"])
def test_a_replay_never_counts(door: FrontDoor, addresses: dict[str, str], vendor: str) -> None:
    """Where the vendor gives a signature no end: known again for a day, and after that too old."""
    sent = list(STORIES[vendor](addresses[vendor]))
    for request in sent:
        assert door.send(*request) == OK
    door.now = START_S + 86_000
    for request in sent:
        assert door.send(*request) == OK
    door.now = START_S + 90_000
    told = {door.send(*request)[0] for request in sent}
    assert told <= {200, 400, 401} and told != {200}
    assert door.rows(TOTALS, app_of(vendor)) == EXPECTED[vendor]


def test_how_a_break_is_told_by_its_code(door: FrontDoor, addresses: dict[str, str]) -> None:
    sender = TencentLiveDouble(addresses["tencent-live"], SECRET)
    for code in (0, 1, 14, 18, 21):
        request = sender.send(0, at_s=NOW_S - 5, sequence=f"s{code}", now_s=NOW_S, errcode=code)
        assert door.send(*request) == OK
    told = door.telemetry.pool.rows("SELECT code, event FROM samples WHERE event != '' ORDER BY toUInt8(code)")
    assert [tuple(row) for row in told] == [
        ("0", "push_ended"),
        ("1", "push_ended"),
        ("14", "push_broken"),
        ("18", "push_failed"),
        ("21", "push_ended"),
    ]


def test_a_bad_event_costs_none_of_the_others(door: FrontDoor, addresses: dict[str, str]) -> None:
    sender = AliyunRtcDouble(addresses["aliyun-rtc"])
    good = {"UserId": "u-1", "SessionId": "s", "EventTag": "Join", "Timestamp": NOW_S - 60}
    assert door.send(*sender.send(good, {"EventTag": "Join", "Timestamp": NOW_S}, now_s=NOW_S)) == OK
    assert door.rows("sum(opened)") == [1]
    reasons: Any = door.telemetry.pool.rows("SELECT line, reason FROM rejects")
    assert [(line, "UserId is missing" in reason) for line, reason in reasons] == [(2, True)]


def test_another_customers_sessions_are_out_of_reach(door: FrontDoor, addresses: dict[str, str]) -> None:
    """The same user of the same room, told with another app's key, is somebody else."""
    other = door.key("other-app", source="agora", secret=SECRET, app=999)
    for request in agora(addresses["agora"]):
        door.send(*request)
    closing = list(agora(f"/v1/hooks/agora/{other}"))[-1]
    assert door.send(*closing) == OK
    assert door.rows(TOTALS, app_of("agora")) == EXPECTED["agora"]
    assert door.rows("sum(opened), sum(interval_ms)", "app = 999") == [1, 60_000]


def test_bodies_without_sense_hear_a_sentence(door: FrontDoor, addresses: dict[str, str]) -> None:
    for vendor in STORIES:
        for body in (b"", b"{", b"[]", b"\xff\xfe", b"[" * 50_000, b'{"t":' + b"9" * 5000 + b"}", b"x" * 3_000_000):
            status, said = door.send("POST", addresses[vendor], body)
            assert status in (400, 401, 413) and said["error"], (vendor, body[:20])
    assert door.rows("count()") == [0]


def test_signatures_are_those_of_the_vendors_own_examples(door: FrontDoor) -> None:
    """Agora: docs.agora.io, "Add signature verification"; ZEGO: doc-zh.zego.im/article/9215, "output example"."""
    agora_key, zego_key = (door.key(vendor, source=vendor, secret="secret") for vendor in ("agora", "zego"))
    body = (
        b'{"eventMs":1560408533119,"eventType":10,"noticeId":"4eb720f0-8da7-11e9-a43e-53f411c2761f",'
        b'"notifyMs":1560408533119,"payload":{"a":"1","b":2},"productId":1}'
    )
    signed = {"Agora-Signature": "033c62f40f687675f17f0f41f91a40c71c0f134c"}
    assert door.send("POST", f"/v1/hooks/agora/{agora_key}", body, signed) == OK
    signature = "5bd59fd62953a8059fb7eaba95720f66d19e4517"
    event = {"event": "other", "timestamp": "1470820198", "nonce": "123412", "signature": signature}
    door.now = 1_470_820_300.0
    assert door.send("POST", f"/v1/hooks/zego/{zego_key}", json.dumps(event).encode()) == OK
