"""A real Synapse of a test's own, with our registration loaded and a person on it; and a proxy that can stall."""

import http.client
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.service import free_port

PLACE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "aftercare-synapse"
PYTHON = PLACE / "venv" / "bin" / "python"
SERVER_NAME = "hs.example"


def installed() -> Path:
    """A Python that has Synapse, made on first use."""
    if not (PLACE / "venv" / "bin" / "register_new_matrix_user").exists():
        uv = shutil.which("uv") or ".venv/bin/uv"
        subprocess.run([uv, "venv", "-q", "--python", "3.11", str(PLACE / "venv")], check=True)
        subprocess.run([uv, "pip", "install", "-q", "--python", str(PYTHON), "matrix-synapse"], check=True)
    return PYTHON


class Synapse:
    """One homeserver on SQLite; `registration` is the text of our registration file."""

    def __init__(self, folder: Path, registration: str) -> None:
        self.folder, self.port = folder, free_port()
        self.config = folder / "homeserver.yaml"
        folder.mkdir(parents=True)
        self.run_module(
            "synapse.app.homeserver", "--server-name", SERVER_NAME, "--config-path", str(self.config),
            "--generate-config", "--report-stats=no", "--data-directory", str(folder),
        )  # fmt: skip
        (folder / "aftercare.yaml").write_text(registration)
        text = self.config.read_text().replace("port: 8008", f"port: {self.port}")
        more = f"\napp_service_config_files: [{json.dumps(str(folder / 'aftercare.yaml'))}]\n"
        # The person of the test may speak as fast as the test does.
        rates = "rc_message: {per_second: 1000, burst_count: 1000}\n"
        self.config.write_text(text + more + rates)
        with (folder / "out.log").open("ab") as log:
            command = [str(PYTHON), "-m", "synapse.app.homeserver", "--config-path", str(self.config)]
            self.process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        self.wait()

    def run_module(self, *words: str) -> None:
        """A command of Synapse's, to its end."""
        done = subprocess.run([str(installed()), "-m", *words], cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(600):
            assert self.process.poll() is None, (self.folder / "out.log").read_text()[-3000:]
            try:
                if self.ask("GET", "/_matrix/client/versions")["versions"]:
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("Synapse did not answer")

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> dict[str, Any]:
        """One call; fails unless it goes well."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        said: dict[str, Any] = json.loads(answer.read())
        connection.close()
        assert answer.status == 200, said
        return said

    def person(self, name: str) -> "Person":
        """Somebody new."""
        tool = PLACE / "venv" / "bin" / "register_new_matrix_user"
        words = ["-c", str(self.config), "-u", name, "-p", "secret", "--no-admin", f"http://127.0.0.1:{self.port}"]
        subprocess.run([str(tool), *words], check=True, capture_output=True)
        wish = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": name}, "password": "secret"}
        return Person(self, str(self.ask("POST", "/_matrix/client/v3/login", wish)["access_token"]))

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(30)


class Person:
    """A client of somebody's."""

    def __init__(self, synapse: Synapse, token: str) -> None:
        self.synapse, self.token, self.sent = synapse, token, 0

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """One call in this person's name."""
        return self.synapse.ask(method, f"/_matrix/client/v3/{path}", body, self.token)

    def send(self, room: str, content: dict[str, Any], kind: str = "m.room.message") -> str:
        """Say something; the event's id."""
        self.sent += 1
        path = f"rooms/{quote(room, safe='')}/send/{kind}/t{self.sent}"
        return str(self.ask("PUT", path, content)["event_id"])

    def upload(self, data: bytes) -> str:
        """Put a file there; its mxc address."""
        connection = http.client.HTTPConnection("127.0.0.1", self.synapse.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/octet-stream"}
        connection.request("POST", "/_matrix/media/v3/upload?filename=log.txt", data, headers)
        return str(json.loads(connection.getresponse().read())["content_uri"])

    def messages(self, room: str) -> list[dict[str, Any]]:
        """What was said in the room, oldest first."""
        path = f"rooms/{quote(room, safe='')}/messages?dir=b&limit=100"
        events = self.ask("GET", path)["chunk"]
        return [event for event in reversed(events) if event["type"] == "m.room.message"]


class Proxy:
    """Between us and the homeserver: while `stalls`, a sent message's answer is heard and never passed on."""

    def __init__(self) -> None:
        self.port, self.behind = 0, 0
        self.stalls = False
        self.stalled = threading.Event()
        self.release = threading.Event()


@contextmanager
def proxied() -> Iterator[Proxy]:
    """A running proxy; say its `behind` once the homeserver has a port."""
    proxy = Proxy()

    class Handler(BaseHTTPRequestHandler):
        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            behind = http.client.HTTPConnection("127.0.0.1", proxy.behind, timeout=30)
            behind.request(self.command, self.path, body, {"Authorization": self.headers["Authorization"]})
            answer = behind.getresponse()
            text = answer.read()
            if proxy.stalls and "/send/" in self.path and answer.status == 200:
                proxy.stalled.set()
                proxy.release.wait(60)
                return
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_PUT = do_POST = pass_on

        def log_message(self, *words: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield proxy
    proxy.release.set()
    server.shutdown()
    server.server_close()
