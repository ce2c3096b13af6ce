"""Bodies that real players sent, moved to the present: accepted, and counted as their own content says."""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aftercare.ingest.cmcd import parse
from tests.service import Service, now_ms

CAPTURES = sorted((Path(__file__).parent.parent / "captures").glob("cmcd-v2-event_*.jsonl"))


def bodies(path: Path, shift_ms: int) -> list[str]:
    """The POST bodies of a capture with every time of a report moved."""
    texts = [json.loads(row)["body"] for row in path.read_text().splitlines()]
    return [re.sub(r"\bts=(\d+)", lambda m: f"ts={int(m[1]) + shift_ms}", text) for text in texts if text]


def told(texts: list[str]) -> list[dict[str, object]]:
    return [parse(line) for text in texts for line in text.splitlines()]


@pytest.fixture(scope="module")
def sent(service: Service) -> Iterator[dict[str, list[str]]]:
    """Every capture sent twice, the second time backwards; the server is down afterwards, its rows can be read."""
    kept = {}
    for path in CAPTURES:
        first = min(int(str(report["ts"])) for report in told(bodies(path, 0)))
        kept[path.name] = texts = bodies(path, now_ms() - 600_000 - first)
        for text in texts + texts[::-1]:
            status, said = service.cmcd(text, query="?country=CN&province=Guangdong")
            assert status == 204, (path.name, text, said)
    service.stop()
    yield kept
    service.start()


def rows_of(service: Service, texts: list[str], columns: str, where: str = "1") -> list[object]:
    session = told(texts)[0]["sid"]
    return service.telemetry(f"SELECT {columns} FROM samples WHERE session = '{session}' AND {where}")[0]


def test_every_report_counts_once(service: Service, sent: dict[str, list[str]]) -> None:
    assert len(sent) == 4
    for name, texts in sent.items():
        assert rows_of(service, texts, "count()", "source = 'cmcd'") == [len(told(texts))], name


def test_stalls_are_those_between_the_players_states(service: Service, sent: dict[str, list[str]]) -> None:
    for name, texts in sent.items():
        states = sorted((int(str(r["ts"])), str(r["sta"])) for r in told(texts) if r["e"] in ("ps", "t") and "sta" in r)
        stalled = played = 0
        for (at, state), (then, _) in itertools.pairwise(states):
            stalled += then - at if state == "r" else 0
            played += then - at if state == "p" else 0
        found = rows_of(service, texts, "sum(stall_ms), sum(play_ms)")
        assert found == [stalled, played], name


def test_a_capture_with_two_stalls_has_two(service: Service, sent: dict[str, list[str]]) -> None:
    texts = sent["cmcd-v2-event_hlsjs-1.7.4_stall-at-400kbps.jsonl"]
    # The page that was captured measured the first stall as 3,752 ms; the two reports lie 3,753 ms apart.
    found = rows_of(service, texts, "sum(stall_count), sum(stall_ms), sum(opened)")
    assert found == [2, 3753 + 2434, 1]
    assert rows_of(service, texts, "sum(sign), max(elapsed_ms)", "event = 'first_frame'") == [1, 726]


def test_a_manifest_that_is_missing_is_a_failed_start(service: Service, sent: dict[str, list[str]]) -> None:
    texts = sent["cmcd-v2-event_hlsjs-1.7.4_manifest-404.jsonl"]
    assert rows_of(service, texts, "sum(sign)", "event = 'start_failed'") == [1]
    assert rows_of(service, texts, "any(code)", "event = 'error'") == ["manifestLoadError"]
    assert rows_of(service, texts, "count()", "event = 'first_frame'") == [0]


def test_facts_come_from_keys_address_and_browser(service: Service, sent: dict[str, list[str]]) -> None:
    texts = sent["cmcd-v2-event_hlsjs-1.7.4_batchSize8.jsonl"]
    found = rows_of(service, texts, "any(stream), any(protocol), any(province), any(role)")
    assert found == ["room1", "hls", "Guangdong", "audience"]


def test_rollups_agree_with_raw_rows(service: Service, sent: dict[str, list[str]]) -> None:
    raw = service.telemetry("SELECT countIf(source != 'derived'), sum(stall_ms), sum(play_ms) FROM samples")
    for table in ("r10s", "r1m", "r1h"):
        sql = f"SELECT sum(reports), sum(stall_ms), sum(play_ms) FROM {table} WHERE cut = ''"
        assert service.telemetry(sql) == raw, table
    assert service.telemetry("SELECT sum(reports), sum(stall_ms), sum(play_ms) FROM sessions") == raw
