"""A real `aftercare serve` in a process and a folder of its own, with the tests' cast in it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import template

ROOT = Path(__file__).parent.parent


class Service:
    """One server. `seeded` holds the cast's plain ingest keys and numbers after `seed()`."""

    # What runs; a test of the process itself may run its own words around it.
    program = ("-m", "aftercare.serve.cli")

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        # A folder that is not there yet begins with both schemas in it, unless the databases are elsewhere.
        self.begins_empty = bool(environment.keys() & {"AFTERCARE_DATABASE_URL", "AFTERCARE_CLICKHOUSE_URL"})
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.seeded: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: subprocess.Popen[str] | None = None
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCARE_")}
        self.environment = {
            **kept,
            "AFTERCARE_DATA": str(folder),
            "AFTERCARE_BASE_URL": self.base,
            "AFTERCARE_ALLOW_PRIVATE_WEBHOOKS": "1",
            "AFTERCARE_ALLOW_PRIVATE_SCRAPES": "all",
            "PYTHONPATH": str(ROOT),
            **environment,
        }

    def start(self, *, wait_s: float = 60) -> None:
        """Start and wait until it answers."""
        self.close_reader()
        if not self.begins_empty and not self.folder.exists():
            template.copy_to(self.folder)
        command = [sys.executable, *self.program, "serve", "--port", str(self.port)]
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        ends = time.monotonic() + wait_s
        while time.monotonic() < ends:
            assert self._process.poll() is None, f"the server ended at its start:\n{self.log()[-3000:]}"
            try:
                self.request("GET", "/v1/samples.schema.json")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"the server did not answer in {wait_s} s:\n{self.log()[-3000:]}")

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None
        return self._process.pid

    def seed(self, *, quota: int = 100_000) -> None:
        """Put the cast into its database; `quota` is the keys' lines per second."""
        self.seeded = json.loads(self._run_seed("cast", str(quota)))
        self.wait_for_key()

    def wake_by_webhook(self, address: str) -> None:
        """Put the cast's engineer on call, reached at this address."""
        self._run_seed("oncall", address)

    def default_rules(self) -> None:
        """Give every app the rules that it would get when it is made in the console."""
        self._run_seed("rules")

    def lower_floor(self, metric: str, volume: float) -> None:
        """Give every app the default rules, those of this metric speaking from this volume on."""
        self._run_seed("floor", metric, str(volume))

    def add_source(self, kind: str) -> str:
        """Give the first customer's app a source of alerts; the path that takes them."""
        return f"/alerts/in/{json.loads(self._run_seed('source', kind))['key']}"

    def told(self) -> dict[str, int]:
        """How many alerts came from elsewhere, and what they set off."""
        counts: dict[str, int] = json.loads(self._run_seed("told"))
        return counts

    def add_mailbox(self, address: str) -> None:
        """Give the provider a mailbox at the built-in mail server."""
        self._run_seed("mailbox", address)

    def mails(self) -> dict[str, Any]:
        """Mails `kept` and `waiting`, and the `titles` of the tickets that they opened."""
        told: dict[str, Any] = json.loads(self._run_seed("mails"))
        return told

    def change_key(self, what: str, *, quota: int = 0) -> dict[str, str]:
        """Revoke or rotate the second customer's keys, or issue one with a quota ("limit") or a second node's."""
        told: dict[str, str] = json.loads(self._run_seed("key", what, str(quota)))
        return told

    def add_probes(self, *targets: tuple[str, str, dict[str, Any]]) -> list[str]:
        """Give the first customer's app targets (kind, address, expectations) to look at every second; their refs."""
        told: list[str] = json.loads(self._run_seed("probes", json.dumps(targets)))
        return told

    def add_heartbeats(self, count: int, *, every_s: int = 60) -> list[str]:
        """Give the first customer so many heartbeats; the paths of their addresses, which the front door knows."""
        told: list[str] = json.loads(self._run_seed("heartbeats", str(count), str(every_s)))
        self.wait_until(lambda: self.request("GET", f"{told[-1]}/log")[0] == 200)
        return told

    def pings(self) -> dict[str, Any]:
        """What is kept of `heartbeats` by their paths, and how many `alerts` there were."""
        told: dict[str, Any] = json.loads(self._run_seed("pings"))
        return told

    def all_run_ids(self) -> dict[str, list[str]]:
        """The run ids in the history of every heartbeat, by its path."""
        told: dict[str, list[str]] = json.loads(self._run_seed("run_ids"))
        return told

    def add_chat(self, *origins: str) -> dict[str, str]:
        """Give the first customer a chat widget for these sites; its keys, and the agent's session cookie."""
        told: dict[str, str] = json.loads(self._run_seed("chat", *origins))
        return told

    def open_chats(self, site_key: str, count: int, agents: int) -> dict[str, Any]:
        """Put open chats into the database, spread over so many agents: tokens, tickets and the agents' cookies."""
        told: dict[str, Any] = json.loads(self._run_seed("chats", site_key, str(count), str(agents)))
        return told

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Until something holds that comes over a notification."""
        for _ in range(200):
            if holds():
                return
            time.sleep(0.05)
        raise AssertionError("it never came to hold")

    def _run_seed(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "tests.seed", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def wait_for_key(self) -> None:
        """Until the front door knows the cast's keys."""
        for _ in range(100):
            if self.request("POST", "/v1/samples", b"", self.bearer())[0] != 401:
                return
            time.sleep(0.05)
        raise AssertionError("the front door never heard of the keys")

    def bearer(self, key: str = "show_secret") -> dict[str, str]:
        """The header for a key of the cast."""
        return {"Authorization": f"Bearer {self.seeded[key]}"}

    def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, Any, dict[str, str]]:
        """One exchange: status, body (JSON where it is), headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body or None, headers or {})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        kind = answer.getheader("content-type") or ""
        return answer.status, json.loads(text) if "json" in kind and text else text, dict(answer.getheaders())

    def samples(self, lines: list[Any], key: str = "show_secret", **headers: str) -> tuple[int, Any]:
        """POST native lines (values are dumped, bytes sent as they are)."""
        body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        status, said, _ = self.request("POST", "/v1/samples", body, {**self.bearer(key), **named})
        return status, said

    def cmcd(self, body: str, key: str = "show_secret", query: str = "") -> tuple[int, Any]:
        """POST a CMCD body."""
        kind = {"Content-Type": "application/cmcd"}
        status, said, _ = self.request("POST", f"/v1/cmcd/{self.seeded[key]}{query}", body.encode(), kind)
        return status, said

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> float:
        """SIGTERM; returns the seconds it took to end."""
        assert self._process is not None
        begun = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        return time.monotonic() - begun

    def log(self) -> str:
        """What it wrote."""
        return (self.folder.parent / f"{self.folder.name}.log").read_text(errors="replace")

    def telemetry(self, sql: str) -> list[list[Any]]:
        """Rows of a query on its telemetry. The server must be down: chDB has one owner."""
        if self._reader is None:
            command = [sys.executable, "-m", "tests.reading", str(self.folder)]
            self._reader = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        assert self._reader.stdin and self._reader.stdout
        self._reader.stdin.write(json.dumps(sql) + "\n")
        self._reader.stdin.flush()
        rows: list[list[Any]] = json.loads(self._reader.stdout.readline())
        return rows

    def close_reader(self) -> None:
        """Let go of the telemetry folder."""
        if self._reader is not None:
            self._reader.communicate()
            self._reader = None


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def now_ms() -> int:
    """Now, as reports tell time."""
    return int(time.time() * 1000)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A running server with the cast, one per test file."""
    with tempfile.TemporaryDirectory(prefix="aftercare-service-") as place:
        running = Service(Path(place) / "data")
        running.start()
        running.seed()
        yield running
        running.stop()
        running.close_reader()
