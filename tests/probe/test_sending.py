"""Handing results in, and fetching targets, against a server that answers as it is told."""

import http.server
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from aftercare.kernel.errors import Refused
from aftercare.probe.sender import LONGEST_PAUSE_S, Sender
from aftercare.probe.server import Server, Targets
from aftercare.probe.spool import Spool
from tests.probe.doubles import Web

KEYS = {"f1": "ak_one", "f2": "ak_two"}


class Door:
    """Answers `POST /v1/samples` with `status`; `bodies` are those it took, `seen` key and idempotency of every try."""

    def __init__(self) -> None:
        self.status = 200
        self.bodies: list[bytes] = []
        self.seen: list[tuple[str, str]] = []
        self.web = Web()
        self.web.answers["/v1/samples"] = self.take

    def take(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.seen.append((handler.headers["Authorization"], handler.headers["Idempotency-Key"]))
        text = json.dumps({"error": f"said {self.status}"}).encode()
        if self.status == 200:
            self.bodies.append(body)
        handler.send_response(self.status)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.web.close()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    made = Spool(tmp_path)
    for key, body in (("f1", b"one"), ("f2", b"two"), ("f3", b"of a key that is not here")):
        made.add(key, body)
    return made


@pytest.fixture
def sender(door: Door, spool: Spool, said: list[str]) -> Sender:
    return Sender(spool, Server(door.web.base), KEYS, said.append)


def test_it_works(door: Door, spool: Spool, sender: Sender) -> None:
    assert sender.round().taken == 2
    assert door.bodies == [b"one", b"two"]
    assert [key for key, _ in door.seen] == ["Bearer ak_one", "Bearer ak_two"]
    assert [batch.key for batch in spool.batches()] == ["f3"]


@pytest.mark.parametrize("status", [429, 500, 503, 408, 404])
def test_what_is_not_taken_waits_and_keeps_its_name(door: Door, spool: Spool, sender: Sender, status: int) -> None:
    door.status = status
    pauses = []
    for _ in range(9):
        assert sender.round().must_wait
        pauses.append(sender.pause_s)
    assert pauses[:4] == [1, 2, 4, 8] and pauses[-1] == LONGEST_PAUSE_S
    assert len(spool.batches()) == 3 and len(set(door.seen)) == 1
    door.status = 200
    sender.round()
    assert door.bodies == [b"one", b"two"] and door.seen[-2] == door.seen[0] and sender.pause_s == 0


@pytest.mark.parametrize("status", [400, 413])
def test_what_is_wrong_in_itself_is_not_sent_again(
    door: Door, spool: Spool, sender: Sender, said: list[str], status: int
) -> None:
    door.status = status
    assert sender.round().refused == 2
    assert [batch.key for batch in spool.batches()] == ["f3"] and f"said {status}" in said[0]


@pytest.mark.parametrize("status", [401, 410])
def test_a_refused_key_loses_nothing(door: Door, spool: Spool, sender: Sender, said: list[str], status: int) -> None:
    door.status = status
    sender.round()
    sender.round()
    assert len(door.seen) == 2 and len(spool.batches()) == 3 and len(said) == 2
    door.status = 200
    sender.forgive()
    assert sender.round().taken == 2


def test_a_server_that_is_not_there(spool: Spool, said: list[str]) -> None:
    sender = Sender(spool, Server("http://127.0.0.1:9"), KEYS, said.append)
    assert sender.round().must_wait and len(spool.batches()) == 3


def test_rejects_a_server_that_is_none() -> None:
    with pytest.raises(Refused, match="--server"):
        Server("care.example.com")


class TestTargets:
    ENTRY = {"ref": "r1", "kind": "hls", "address": "https://live.example.com/a.m3u8", "every_s": 60, "expect": {}}

    def test_it_works(self, door: Door, tmp_path: Path) -> None:
        told = Targets(Server(f"{door.web.base}/under/"), "ak_one", tmp_path / "memory")
        door.web.say("/under/v1/probe/targets", {"interval_s": 1, "targets": [self.ENTRY, self.ENTRY | {"new": 1}]})
        assert told.refresh() == 200
        assert [target.ref for target in told.plan.targets] == ["r1", "r1"] and told.plan.interval_s == 5

    @pytest.mark.parametrize("status", [500, 404, 302])
    def test_trouble_changes_nothing(self, door: Door, tmp_path: Path, status: int) -> None:
        told = Targets(Server(door.web.base), "ak_one", tmp_path / "memory")
        door.web.say("/v1/probe/targets", {"targets": [self.ENTRY]})
        told.refresh()
        door.web.say("/v1/probe/targets", {"error": "no"}, status=status)
        assert told.refresh() == status and len(told.plan.targets) == 1 and str(status) in told.trouble

    @pytest.mark.parametrize("body", [b"<html>", {}, [], {"targets": [{"ref": 7}]}, {"targets": 7, "interval_s": "x"}])
    def test_an_answer_that_is_none_changes_nothing(self, door: Door, tmp_path: Path, body: object) -> None:
        told = Targets(Server(door.web.base), "ak_one", tmp_path / "memory")
        door.web.say("/v1/probe/targets", {"targets": [self.ENTRY]})
        told.refresh()
        door.web.say("/v1/probe/targets", body)
        told.refresh()
        assert len(told.plan.targets) == 1 and "cannot be read" in told.trouble

    def test_a_revoked_key_has_no_targets(self, door: Door, tmp_path: Path) -> None:
        told = Targets(Server(door.web.base), "ak_one", tmp_path / "memory")
        door.web.say("/v1/probe/targets", {"targets": [self.ENTRY]})
        told.refresh()
        door.web.say("/v1/probe/targets", {"error": "this key is revoked"}, status=410)
        told.refresh()
        assert told.plan.targets == [] and told.trouble == "this key is revoked"
        assert Targets(Server("http://127.0.0.1:9"), "ak_one", tmp_path / "memory").plan.targets == []

    def test_a_start_without_the_server_knows_what_was_told_last(self, door: Door, tmp_path: Path) -> None:
        door.web.say("/v1/probe/targets", {"interval_s": 30, "targets": [self.ENTRY]})
        Targets(Server(door.web.base), "ak_one", tmp_path / "memory").refresh()
        told = Targets(Server("http://127.0.0.1:9"), "ak_one", tmp_path / "memory")
        assert told.refresh() == 0 and [target.ref for target in told.plan.targets] == ["r1"]
        (tmp_path / "memory").write_bytes(b"{half")
        assert Targets(Server("http://127.0.0.1:9"), "ak_one", tmp_path / "memory").plan.targets == []
