"""A simulated audience: sessions that come and go, play and now and then stall. Seeded, so that it can be repeated.

Rates are chosen to look like an evening of the trade, not measured from anyone; the pages say that it is simulated.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

REPORT_S = 10


@dataclass(frozen=True)
class Place:
    """Where viewers are and how they are connected: weight among all, and how much likelier than usual they stall."""

    country: str
    province: str
    carrier: str
    weight: float
    trouble: float = 1.0
    rtt_ms: float = 35


@dataclass(frozen=True)
class Scene:
    """One app's audience."""

    scenario: str
    viewers: int
    rooms: int
    places: tuple[Place, ...]
    devices: tuple[tuple[str, str, float], ...]  # device, system, weight
    versions: tuple[tuple[str, float], ...]  # SDK version, weight
    edges: tuple[str, ...]
    stay_s: float
    is_call: bool = False


@dataclass(frozen=True)
class Fault:
    """Between two instants (epoch seconds) sessions that match stall for this share of their time."""

    start_s: float
    end_s: float
    match: tuple[tuple[str, str], ...]
    share: float

    def hits(self, facts: dict[str, str], at_s: float) -> bool:
        """Whether it troubles a session with these facts now."""
        return self.start_s <= at_s < self.end_s and all(facts.get(name) == value for name, value in self.match)


CHINA = (
    Place("CN", "Guangdong", "China Telecom", 16, 1.0, 28),
    Place("CN", "Guangdong", "China Mobile", 12, 1.3, 36),
    Place("CN", "Zhejiang", "China Telecom", 10, 0.8, 24),
    Place("CN", "Jiangsu", "China Mobile", 9, 1.0, 30),
    Place("CN", "Sichuan", "China Mobile", 8, 1.6, 52),
    Place("CN", "Henan", "China Unicom", 7, 1.2, 40),
    Place("CN", "Shandong", "China Unicom", 7, 1.0, 34),
    Place("CN", "Hunan", "China Telecom", 6, 1.1, 38),
)
OVERSEAS = (
    Place("ID", "Jakarta", "Telkomsel", 14, 1.8, 88),
    Place("SA", "Riyadh", "STC", 11, 1.2, 120),
    Place("AE", "Dubai", "Etisalat", 6, 1.0, 110),
    Place("TR", "Istanbul", "Turkcell", 7, 1.3, 96),
    Place("BR", "São Paulo", "Vivo", 8, 1.7, 142),
    Place("EG", "Cairo", "Vodafone", 5, 2.2, 131),
)
PHONES = (
    ("Xiaomi 14", "Android 15", 18.0),
    ("HUAWEI Mate 60", "HarmonyOS 5", 14.0),
    ("OPPO Reno 12", "Android 15", 13.0),
    ("vivo X100", "Android 14", 11.0),
    ("iPhone 15", "iOS 18", 20.0),
    ("iPhone 12", "iOS 17", 8.0),
    ("Redmi 9A", "Android 11", 6.0),
)
SCENES = {
    "show_live": Scene(
        "show_live",
        220,
        18,
        CHINA,
        PHONES,
        (("4.6.2", 55), ("4.5.0", 30), ("4.7.0", 15)),
        ("gz-03", "hz-01", "cd-02", "zz-01"),
        900,
    ),
    "one_to_one": Scene(
        "one_to_one",
        70,
        0,
        CHINA,
        PHONES,
        (("3.2.1", 70), ("3.3.0", 30)),
        ("gz-rtc-1", "sh-rtc-2"),
        420,
        is_call=True,
    ),
    "voice_room": Scene(
        "voice_room",
        90,
        12,
        OVERSEAS,
        PHONES,
        (("2.9.4", 60), ("3.0.0", 40)),
        ("sg-01", "fra-02", "dxb-01"),
        1200,
    ),
}


@dataclass
class Seat:
    """One person in the audience."""

    session: str
    facts: dict[str, str]
    leaves_s: float
    trouble: float
    rtt_ms: float
    first: bool = True
    fresh: dict[str, Any] = field(default_factory=dict)


class Audience:
    """The people of one app. `reports(at_s)` gives what all of them report at that instant, every REPORT_S seconds."""

    def __init__(self, scene: Scene, *, seed: int, faults: tuple[Fault, ...] = ()) -> None:
        self.scene = scene
        self.faults = faults
        self._random = random.Random(seed)  # noqa: S311 - a seeded simulation, no secret
        self._seats: list[Seat] = []
        self._made = 0
        self._seed = seed

    def reports(self, at_s: float, *, level: float = 1.0) -> Iterator[dict[str, Any]]:
        """Lines of the native format for the interval that ends at this instant; `level` scales the audience."""
        wanted = max(int(self.scene.viewers * level * (1 + 0.03 * math.sin(at_s / 47))), 1)
        self._seats = [seat for seat in self._seats if seat.leaves_s > at_s]
        for _ in range(max(wanted - len(self._seats), 0)):
            self._seats.append(self._arrive(at_s, settled=not self._made))
        for seat in self._seats[:wanted]:
            yield from self._report(seat, at_s)

    def _arrive(self, at_s: float, *, settled: bool) -> Seat:
        draw, scene = self._random, self.scene
        self._made += 1
        place = draw.choices(scene.places, [p.weight for p in scene.places])[0]
        device, system, _ = draw.choices(scene.devices, [d[2] for d in scene.devices])[0]
        version = draw.choices(scene.versions, [v[1] for v in scene.versions])[0][0]
        facts = {
            "user": f"u{draw.randrange(100_000):05d}",
            "role": "audience",
            "scenario": scene.scenario,
            "country": place.country,
            "province": place.province,
            "carrier": place.carrier,
            "network": draw.choices(("wifi", "5g", "4g"), (55, 30, 15))[0],
            "device": device,
            "os": system,
            "sdk": "aftercare-demo",
            "sdk_version": version,
            "app_version": draw.choices(("8.1.0", "8.0.3"), (80, 20))[0],
            "edge": draw.choice(scene.edges),
            "protocol": "rtc" if scene.is_call else "http-flv",
        }
        if scene.is_call:
            facts["call"] = f"c{self._seed}-{self._made // 2}"
            facts["role"] = "caller" if self._made % 2 else "callee"
            facts["region_pair"] = f"{place.province}→{draw.choice(scene.places).province}"
        else:
            facts["stream"] = f"room{min(int(draw.paretovariate(1.1)), scene.rooms)}"
        weak = {"wifi": 1.0, "5g": 0.9, "4g": 1.8}[facts["network"]] * (2.5 if device == "Redmi 9A" else 1.0)
        stay = draw.expovariate(1 / scene.stay_s) + 30
        first = not settled or draw.random() < 0.1
        return Seat(
            session=f"sim-{self._seed}-{int(at_s)}-{self._made}",
            facts=facts,
            leaves_s=at_s + stay,
            trouble=place.trouble * weak,
            rtt_ms=place.rtt_ms * draw.uniform(0.8, 1.4),
            first=first,
            fresh={} if first else {"facts": facts},
        )

    def _report(self, seat: Seat, at_s: float) -> Iterator[dict[str, Any]]:
        draw = self._random
        ms = int(at_s * 1000) + draw.randrange(-900, 900)
        if seat.first:
            yield from self._begin(seat, ms)
        interval = REPORT_S * 1000
        stall = self._stall_ms(seat, at_s, interval)
        yield {
            "session": seat.session,
            "ts": ms,
            **seat.fresh,
            "interval_ms": interval,
            "play_ms": interval - stall,
            "stall_ms": stall,
            "stall_count": max(1, stall // 1500) if stall else 0,
            "video_ms": interval,
            "audio_ms": interval,
            "video_gaps": [stall] if stall >= 200 else [],
            "audio_gaps": [stall // 2] if stall >= 800 else [],
            "bytes": int((2500 if stall < 2000 else 900) * interval / 8),
            "frames": int(25 * (interval - stall) / 1000),
            "packets": 2600,
            "packets_lost": int(draw.expovariate(1 / (6 * seat.trouble))) + stall // 60,
            "fps": round(25 * (interval - stall) / interval, 1),
            "bitrate_kbps": 2500 if stall < 2000 else 900,
            "rtt_ms": round(seat.rtt_ms * draw.uniform(0.9, 1.2) * (2.2 if stall else 1), 1),
            "jitter_ms": round(draw.uniform(2, 9) * seat.trouble, 1),
            "delay_ms": round(seat.rtt_ms * 1.7 + draw.uniform(20, 90) + stall / 20, 1),
            "buffer_ms": max(0, 1800 - stall),
        }
        seat.fresh = {}

    def _begin(self, seat: Seat, ms: int) -> Iterator[dict[str, Any]]:
        draw = self._random
        seat.first = False
        first_frame = int(draw.lognormvariate(6.1, 0.45) * (1 + 0.15 * (seat.trouble - 1)))
        facts = {"facts": seat.facts}
        if draw.random() < 0.004 * seat.trouble:
            yield {"session": seat.session, "ts": ms - 9000, **facts, "event": "join_failed", "code": "timeout"}
            return
        join = int(first_frame * 0.6)
        yield {"session": seat.session, "ts": ms - 9500, **facts, "event": "join_ok", "elapsed_ms": join}
        yield {"session": seat.session, "ts": ms - 9000, "event": "first_frame", "elapsed_ms": first_frame}
        if self.scene.is_call and seat.facts["role"] == "caller":
            connected = int(draw.lognormvariate(6.15, 0.3))
            yield {"session": seat.session, "ts": ms - 8800, "event": "call_connected", "elapsed_ms": connected}

    def _stall_ms(self, seat: Seat, at_s: float, interval: int) -> int:
        draw = self._random
        for fault in self.faults:
            if fault.hits(seat.facts, at_s):
                return min(int(interval * fault.share * draw.uniform(0.5, 1.5)), interval)
        return draw.randrange(220, 1600) if draw.random() < 0.03 * seat.trouble else 0


def evening(at_s: float, end_s: float) -> float:
    """How full the audience is at an instant of the hour before `end_s`: it fills as the evening peak comes."""
    before = max(end_s - at_s, 0) / 3600
    return float(1.0 - 0.45 * before**1.3)
