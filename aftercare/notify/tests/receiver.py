"""A strict webhook receiver at loopback: a message that no test asked for fails the test."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook


@dataclass
class Received:
    """One POST as it came in."""

    path: str
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body."""
        return json.loads(self.text)

    def verify(self, secret: str) -> None:
        """Fail unless the signature is right for the id, the timestamp and the body that came."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        assert headers["webhook-signature"] == Webhook(secret).sign(headers["webhook-id"], at, self.text)


@dataclass
class Receiver:
    """Answers every POST with `answer(received)`: (status, headers). `take` hands out what came, oldest first."""

    url: str = ""
    inbox: list[Received] = field(default_factory=list)
    answer: Callable[[Received], tuple[int, dict[str, str]]] = lambda received: (204, {})
    release: threading.Event = field(default_factory=threading.Event)

    def take(self) -> Received:
        """The oldest message not taken yet; fails when there is none."""
        assert self.inbox, "no message came"
        return self.inbox.pop(0)

    def hang(self, received: Received) -> tuple[int, dict[str, str]]:
        """An answer that comes only when the test releases it."""
        self.release.wait(20)
        return 204, {}


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver of this test's own; private addresses are allowed while it lives."""
    monkeypatch.setattr("aftercare.notify.adapters.calling.allows_private_webhooks", lambda: True)
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            received = Received(self.path, dict(self.headers), self.rfile.read(length).decode())
            receiver.inbox.append(received)
            status, headers = receiver.answer(received)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    class Server(ThreadingHTTPServer):
        # Three workers call with 16 connections each; past the default of 5 waiting ones the kernel drops the rest.
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield receiver
    receiver.release.set()
    server.shutdown()
    server.server_close()
    assert not receiver.inbox, f"unexpected messages: {[r.text for r in receiver.inbox]}"
