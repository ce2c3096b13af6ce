"""Whatever stands in the fields of an event, signed or not: it becomes rows, or a sentence, and nothing else."""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftercare.ingest.batches import Batch
from aftercare.ingest.facts import Vocabulary
from aftercare.ingest.http import Answer
from aftercare.ingest.keys import Key
from aftercare.ingest.places import Places
from aftercare.ingest.presence.book import Book
from aftercare.ingest.routes import CALLBACKS, MEDIA_SERVERS
from aftercare.ingest.rows import Rows
from aftercare.ingest.sources.source import Asked, Source
from aftercare.kernel.errors import Refused
from aftercare.telemetry.store.commits import typed
from tests.ingest.vendors import md5, sha1

NOW_MS = 1_800_000_000_000
SECRET = "s3cret"
WORDS = (
    "on_publish on_stop on_close publish publish_done update_play play_done postPublish donePublish postPlay donePlay "
    "stream_create stream_close room_login room_logout UserJoinRoom UserLeaveRoom push_start push_end Join Leave "
    "Publish Unpublish UserEvent"
)
NOW_S = NOW_MS // 1000
# A whole event of each, of which some fields are changed.
EVENTS_OF: dict[str, dict[str, Any]] = {
    "srs": {"action": "on_publish", "client_id": "c", "stream": "s", "server_id": "v", "tcUrl": "rtmp://h/live"},
    "nginx-rtmp": {"call": "update_publish", "clientid": "7", "name": "s", "app": "live", "time": "30", "addr": "::1"},
    "node-media-server": {"action": "donePublish", "id": "mwsabcd1aaaaaaaa", "name": "s", "createtime": NOW_MS - 9},
    "agora": {
        "productId": 1,
        "eventType": 104,
        "noticeId": "n",
        "payload": {"channelName": "c", "uid": 1, "ts": NOW_S, "duration": 5, "reason": 1},
    },
    "tencent-trtc": {"EventType": 104, "EventInfo": {"RoomId": 1, "UserId": "u", "EventMsTs": NOW_MS, "Reason": 2}},
    "tencent-live": {"event_type": 0, "sequence": "q", "stream_id": "s", "event_time": NOW_S, "push_duration": "900"},
    "aliyun-live": {"action": "publish", "app": "d", "appname": "live", "id": "s", "time": str(NOW_S)},
    "aliyun-rtc": {
        "MsgId": "m",
        "ChannelID": "c",
        "Contents": [{"Event": "UserEvent", "UserEvent": {"UserId": "u", "EventTag": "Join", "Timestamp": NOW_S}}],
    },
    "zego": {
        "event": "room_logout",
        "room_id": "r",
        "user_account": "u",
        "login_time": "1",
        "logout_time": str(NOW_MS),
    },
    "volc-rtc": {
        "EventType": "UserJoinRoom",
        "EventData": '{"RoomId": "r", "UserId": "u"}',
        "EventTime": "2027-01-15T07:59:59.5Z",
        "EventId": "e",
    },
    "volc-live": {"event_type": "push_start", "session_id": "i", "stream": "s", "time_ms": NOW_MS},
}
TIMES = st.integers(NOW_MS // 1000 - 90_000, NOW_MS // 1000 + 700)
PLAIN = st.one_of(
    st.sampled_from(WORDS.split()),
    st.integers(-(10**20), 10**20),
    st.integers(0, 330),
    TIMES,
    TIMES.map(lambda second: second * 1000),
    st.text(max_size=200),
    st.floats(allow_nan=False),
    st.none(),
    st.booleans(),
)
VALUE = st.one_of(PLAIN, st.lists(PLAIN, max_size=3), st.dictionaries(st.text(max_size=5), PLAIN, max_size=3))


@st.composite
def changed(draw: st.DrawFn, event: Any) -> Any:
    """An event with some of its fields changed, inside as well, one left out or one added."""
    if isinstance(event, list):
        return [draw(changed(part)) for part in event] + draw(st.lists(VALUE, max_size=1))
    if not isinstance(event, dict):
        return draw(VALUE) if draw(st.integers(0, 5)) == 0 else event
    kept = {name: draw(changed(value)) for name, value in event.items() if draw(st.integers(0, 19))}
    return {**kept, **draw(st.dictionaries(st.text(max_size=8), VALUE, max_size=1))}


def asked(source: Source, event: dict[str, Any]) -> Asked:
    """The request of this event, signed as its vendor would."""
    vendor = source.name.removeprefix("hooks/")
    key = Key("f", 1, 1, 30, 100, b"secret" * 6, callback_source=vendor, callback_secret=SECRET)
    stamp, nonce = str(NOW_MS // 1000), "1234"
    event = dict(event)
    if vendor in ("tencent-live", "volc-live"):
        event |= {"t": int(stamp) + 600, "sign": md5(f"{SECRET}{int(stamp) + 600}".encode()).hexdigest()}
    if vendor == "zego":
        signature = sha1("".join(sorted([SECRET, stamp, nonce])).encode()).hexdigest()
        event |= {"timestamp": stamp, "nonce": nonce, "signature": signature}
    if vendor == "volc-rtc":
        signed = ("EventType", "EventData", "EventTime", "EventId", "AppId", "Version", "Nonce")
        texts = [event[name] if isinstance(event.get(name), str) else "" for name in signed]
        event["Signature"] = hashlib.sha256("".join(sorted([*texts, SECRET])).encode("utf-8", "replace")).hexdigest()
    is_form = "GET" in source.methods
    body = urlencode(event, errors="replace").encode() if is_form else json.dumps(event).encode()
    named: dict[bytes, bytes] = {
        b"agora-signature-v2": hmac.digest(SECRET.encode(), body, "sha256").hex().encode(),
        b"sign": base64.b64encode(hmac.digest(SECRET.encode(), body, "sha256")),
        b"host": b"hooks.example",
        b"ali-live-timestamp": stamp.encode(),
        b"ali-live-signature": md5(f"hooks.example|{stamp}|{SECRET}".encode()).hexdigest().encode(),
    }
    return Asked(key, "POST", "edge-1", b"", named, "", body, NOW_MS, Places())


@pytest.mark.parametrize("source", [*MEDIA_SERVERS, *CALLBACKS], ids=lambda source: source.name)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_event_becomes_rows_or_a_sentence(source: Source, data: st.DataObject) -> None:
    event = data.draw(changed(EVENTS_OF[source.name.removeprefix("hooks/")]))
    batch = Batch(Key("f", 1, 1, 30, 100, None), None, source=source.name)  # type: ignore[arg-type]
    try:
        source.read(asked(source, event), batch)
    except Refused as refused:
        assert refused.sentence
    except Answer as answer:
        assert answer.status == 401
    rows = Rows()
    Book(Vocabulary()).take(rows, batch, NOW_MS / 1000)
    if len(rows):
        columns = typed(rows.columns(NOW_MS))
        assert {len(column) for column in columns.values()} == {len(rows)}
        assert set(columns["customer"].to_pylist()) == {1}
        assert max(len(name) for name in columns["session"].to_pylist()) <= 64
