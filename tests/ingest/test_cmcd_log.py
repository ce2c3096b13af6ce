"""Access logs with CMCD in request mode: sessions as the log's own content says, once, whatever comes twice."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.service import Service, now_ms

CAPTURE = Path(__file__).parent.parent / "captures" / "cmcd-request-mode_nginx-access-log.jsonl"
SID = "6b8c0e1a-1111-4222-8333-795400"


def captured() -> list[str]:
    """The captured lines, moved to ten minutes ago."""
    lines = [json.loads(line) for line in CAPTURE.read_text().splitlines()]
    first = datetime.fromisoformat(lines[0]["t"])
    shift = timedelta(milliseconds=now_ms() - 600_000) - (first - datetime.fromtimestamp(0, first.tzinfo))
    moved = [line | {"t": (datetime.fromisoformat(line["t"]) + shift).isoformat()} for line in lines]
    return [json.dumps(line) for line in moved]


def line_of(session: str, at_ms: int, cmcd: str, **more: Any) -> str:
    """One line of a log in which a player of this session asked for a segment, with these further keys."""
    query = f"CMCD={quote(cmcd and f'{cmcd},' + f'sid=%s' % json.dumps(session) or '')}"
    told = {"msec": at_ms / 1000, "request_time": 0.25, "status": 200, "bytes_sent": 1000, "host": "cdn.example"}
    return json.dumps(told | {"request_uri": f"/live/room1-{at_ms}.ts?{query}"} | more)


def post(service: Service, lines: list[str], key: str = "show_secret", query: str = "", path: str = "cmcd-log",
         **headers: str) -> tuple[int, Any]:  # fmt: skip
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = "\n".join(lines).encode("utf-8", "surrogateescape")
    status, said, _ = service.request("POST", f"/v1/{path}{query}", body, {**service.bearer(key), **named})
    return status, said


@pytest.fixture(scope="module")
def told(service: Service) -> Iterator[Service]:
    """A server that took the capture twice, the second time backwards after a restart; down, so its rows are read."""
    lines = captured()
    assert post(service, lines) == (200, {"accepted": 39, "duplicates": 0, "not_cmcd": 0, "rejected": 0})
    service.kill()
    service.start()
    service.wait_for_key()
    assert post(service, lines[::-1])[1]["duplicates"] == 39
    service.stop()
    yield service
    service.start()
    service.wait_for_key()


def sums(service: Service, session: str, columns: str, where: str = "1") -> list[Any]:
    return service.telemetry(f"SELECT {columns} FROM samples WHERE session = '{session}' AND {where}")[0]


def test_it_works(told: Service) -> None:
    rows = told.telemetry("SELECT session, sum(opened), count() FROM samples WHERE event = 'response' GROUP BY 1 ORDER BY 1")
    assert {row[0]: row[1:] for row in rows} == {
        f"{SID}{end}": [1, count]
        for end, count in {
            "093135": 8, "125365": 4, "148920": 1, "174275": 7, "183905": 8, "192935": 8, "264303": 1, "273781": 2,
        }.items()
    }  # fmt: skip
    facts = sums(told, f"{SID}093135", "any(stream), any(protocol), any(role), sum(bytes)")
    bytes_told = sum(json.loads(line)["b"] for line in captured()[:8])
    assert facts == ["room1", "hls", "audience", bytes_told]
