"""The agent against a real server: its results are stored, wait while the server is away, and count once."""

import json
import shutil
from pathlib import Path

import pytest

from tests.probe.doubles import Agent, Web, until
from tests.service import Service


def waiting(queue: Path) -> list[Path]:
    return sorted(queue.glob("*.ndjson"))


@pytest.mark.long
def test_nothing_is_lost_and_nothing_counts_twice(service: Service, web: Web, tmp_path: Path) -> None:
    web.say("/api", {"data": {"code": 0}})
    clip, api = service.add_probes(
        ("hls", f"{web.base}/index.m3u8", {"watch_s": 2}), ("http_api", f"{web.base}/api", {"json": {"data.code": 0}})
    )
    key, queue = f"@{tmp_path / 'key'}", tmp_path / "queue"
    (tmp_path / "key").write_text(service.seeded["show_secret"] + "\n")

    agent = Agent(service.base, key, queue)
    until("nothing was played", lambda: f"hls {clip}: ok" in agent.said())
    first = set(waiting(queue))
    until("no result was handed in", lambda: not first & set(waiting(queue)))
    service.kill()
    until("no result was kept", lambda: len(waiting(queue)) >= 4)
    agent.process.kill()
    agent.process.wait()
    kept = waiting(queue)
    sessions = {json.loads(path.read_bytes().splitlines()[0])["session"] for path in kept}
    assert len(sessions) == len(kept)
    copies = [shutil.copy(path, tmp_path) for path in kept]

    service.start()
    service.wait_for_key()
    agent = Agent(service.base, key, queue)
    until("the kept results were not handed in", lambda: not set(kept) & set(waiting(queue)))
    assert agent.stop() == 0
    # As if the agent had been killed after the server's answer, before it forgot the batch.
    for copy in copies:
        shutil.copy(copy, queue)
    again = Agent(service.base, key, queue, "--once")
    assert again.process.wait(60) == 0, again.said()
    assert not waiting(queue)

    service.stop()
    rows = service.telemetry(
        "SELECT session, countIf(event = 'leave'), countIf(interval_ms > 0), any(role), any(country), any(province), "
        f"any(carrier), any(protocol), countIf(role != 'probe') FROM samples WHERE app = {service.seeded['show_app']} "
        "AND session LIKE 'probe/%' GROUP BY session"
    )
    stored = {row[0]: row[1:] for row in rows}
    assert sessions <= set(stored)
    assert {row[0] for row in stored.values()} == {1}, "a run has one end"
    assert {tuple(row[2:6]) for row in stored.values()} == {("probe", "CN", "GD", "China Telecom")}
    assert {row[7] for row in stored.values()} == {0}, "every row of a probe says that it is one"
    plays = [row for name, row in stored.items() if name.startswith(f"probe/{clip}/")]
    assert plays and all(row[1] == 1 and row[6] == "hls" for row in plays)
    assert any(name.startswith(f"probe/{api}/") for name in stored)
    played = service.telemetry(
        "SELECT min(play_ms), max(stall_ms), max(width) FROM samples WHERE protocol = 'hls' AND interval_ms > 0"
    )
    assert played[0][0] > 1500 and played[0][1] == 0 and played[0][2] == 320
