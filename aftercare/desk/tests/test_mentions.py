"""What a message mentions, by table; hostile text costs no more than its length."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from aftercare.desk.mentions import find_mentions

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)  # 22:00 on Monday in Shanghai


def found(text: str) -> dict[str, list[str]]:
    told = find_mentions(text, written_at=NOW, zone=SHANGHAI)
    times = [moment.at.astimezone(SHANGHAI).strftime("%m-%d %H:%M:%S") for moment in told.times]
    kinds = {"users": list(told.users), "streams": list(told.streams), "sessions": list(told.sessions), "times": times}
    return {kind: values for kind, values in kinds.items() if values}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("用户 10086 黑屏", {"users": ["10086"]}),
        ("用户ID：u_10086，房间号 room-7", {"users": ["u_10086"], "streams": ["room-7"]}),
        ("主播id是 anchor88 推流断了", {"users": ["anchor88"]}),
        ("uid=alice_1 and uid: bob-2", {"users": ["alice_1", "bob-2"]}),
        ("user 42 in channel live_7 froze", {"users": ["42"], "streams": ["live_7"]}),
        ("userId「7788」", {"users": ["7788"]}),
        ("the user cannot hear anything", {}),
        ("our users in the room complain", {}),
        ("session 9f3c-1, sid: 12ab34", {"sessions": ["9f3c-1", "12ab34"]}),
        (
            "call id 123e4567-e89b-12d3-a456-426614174000 failed",
            {"sessions": ["123e4567-e89b-12d3-a456-426614174000"]},
        ),
        ("rtmp://push.example.com/live/s1001 断流", {"streams": ["s1001"]}),
        ("https://pull.example.com/live/s1002.flv 卡", {"streams": ["s1002"]}),
        ("see https://docs.example.com/guide/7", {}),
        ("2026-11-30 20:00 卡顿", {"times": ["11-30 20:00:00"]}),
        ("2026-11-30T12:00:05Z", {"times": ["11-30 20:00:05"]}),
        ("2026/11/30 20:00+09:00", {"times": ["11-30 19:00:00"]}),
        ("11月29日晚上8点半", {"times": ["11-29 20:30:00"]}),
        ("昨晚8点半", {"times": ["11-29 20:30:00"]}),
        ("昨晚2点", {"times": ["11-30 02:00:00"]}),
        ("昨天下午3点15分", {"times": ["11-29 15:15:00"]}),
        ("今天21:05开始", {"times": ["11-30 21:05:00"]}),
        ("21:05", {"times": ["11-30 21:05:00"]}),
        ("23:05", {"times": ["11-29 23:05:00"]}),
        ("中午12点", {"times": ["11-30 12:00:00"]}),
        ("凌晨1点半", {"times": ["11-30 01:30:00"]}),
        ("20时30分", {"times": ["11-30 20:30:00"]}),
        ("yesterday at 9pm", {"times": ["11-29 21:00:00"]}),
        ("last night at 8:30", {"times": ["11-29 20:30:00"]}),
        ("9:15 am today", {"times": ["11-30 09:15:00"]}),
        ("12 users, 3 rooms", {}),
        ("version 4.12.0, 25:99, 2026-13-45 20:00", {}),
        ("1.5s", {}),
        ("", {}),
    ],
)
def test_mentions(text: str, says: dict[str, list[str]]) -> None:
    assert found(text) == says


def test_a_date_without_a_year_is_the_last_such_day() -> None:
    told = find_mentions("12-31 20:00", written_at=datetime(2027, 1, 2, tzinfo=UTC), zone=SHANGHAI)
    assert told.times[0].at == datetime(2026, 12, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "user" * 20_000,
        "uid: " + "a" * 80_000,
        "昨晚" * 30_000,
        "1:" * 40_000,
        "2026-" * 20_000,
        "流 " * 40_000 + "!",
        "rtmp://" + "a" * 50_000 + "/" * 50_000,
        "a-" * 50_000,
        "\u202e\x00" * 30_000,
        "9" * 100_000,
    ],
)
def test_hostile_text_is_read_in_no_time(text: str) -> None:
    begun = time.process_time()
    find_mentions(text, written_at=NOW, zone=SHANGHAI)
    assert time.process_time() - begun < 0.5


def test_no_more_than_a_few_of_each() -> None:
    told = find_mentions(" ".join(f"uid:{n}" for n in range(500)), written_at=NOW, zone=SHANGHAI)
    assert len(told.users) == 8
