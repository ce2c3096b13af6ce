"""Made native lines: one interval of one session."""

import random
from typing import Any

PROVINCES = ("Guangdong", "Zhejiang", "Jiangsu", "Sichuan", "Henan", "Shandong", "Hunan", "Fujian")
CARRIERS = ("China Telecom", "China Mobile", "China Unicom")


def native_line(draw: random.Random, number: int, at: int, *, told: bool) -> dict[str, Any]:
    """One interval of one session, with its facts when they have not been told yet."""
    stall = draw.randrange(300, 2000) if draw.random() < 0.04 else 0
    line: dict[str, Any] = {
        "session": f"bench-{number:06d}",
        "ts": at,
        "interval_ms": 5000,
        "play_ms": 5000 - stall,
        "stall_ms": stall,
        "stall_count": int(stall > 0),
        "video_ms": 5000,
        "bytes": draw.randrange(500_000, 1_500_000),
        "frames": 125,
        "packets": 1300,
        "packets_lost": draw.randrange(20),
        "fps": 24.8,
        "bitrate_kbps": 1800,
        "rtt_ms": draw.randrange(20, 90),
        "jitter_ms": draw.randrange(2, 12),
    }
    if stall >= 600:
        line["video_gaps"] = [stall]
    if not told:
        line["facts"] = {
            "stream": f"room{number % 300}",
            "user": f"user{number}",
            "role": "audience",
            "country": "CN",
            "province": PROVINCES[number % 8],
            "carrier": CARRIERS[number % 3],
            "network": ("wifi", "5g", "4g")[number % 3],
            "device": f"phone {number % 40}",
            "os": f"Android {10 + number % 6}",
            "sdk": "rtc",
            "sdk_version": f"4.{number % 5}.0",
            "app_version": f"8.{number % 3}.0",
            "edge": f"edge-{number % 12}",
            "protocol": "rtc",
        }
    return line
