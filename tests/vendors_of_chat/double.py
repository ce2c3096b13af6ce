"""What the doubles of the vendors share: a little HTTP server that checks each call as its vendor documents.

A double never guesses: a call with a wrong method, path, header or field is answered with the vendor's own error and
kept in `faults`, which fail the test. Its clock is the test's, so that minutes of a rate limit pass at once.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Reply = tuple[int, dict[str, str], Any]


@dataclass
class Asked:
    """One call as it came in; header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body, which has to be JSON and say so."""
        assert self.headers.get("content-type", "").startswith("application/json"), self.headers
        return json.loads(self.body)


@dataclass
class Posted:
    """A message that the vendor took and shows in a chat."""

    chat: str
    text: str
    id: str
    under: str = ""


@dataclass
class Double:
    """A vendor. `refusals` are answers given, one each, instead of taking the next messages."""

    url: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    posted: list[Posted] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    refusals: list[Reply] = field(default_factory=list)
    tokens_given: int = 0
    too_fast: int = 0
    gone: set[str] = field(default_factory=set)  # chats that our bot was thrown out of
    files: dict[str, bytes] = field(default_factory=dict)
    hang: threading.Event | None = None
    seen: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    # (window in seconds, how many in it) for one chat, and for the whole account
    chat_limits: tuple[tuple[float, int], ...] = ()
    account_limits: tuple[tuple[float, int], ...] = ()

    def answer(self, asked: Asked) -> Reply:
        """What the vendor answers."""
        raise NotImplementedError

    def fault(self, sentence: str, reply: Reply) -> Reply:
        """A call that is not as documented."""
        self.faults.append(sentence)
        return reply

    def is_too_fast(self, chat: str) -> bool:
        """Count a message against the limits; whether it is beyond one."""
        for key, limits in ((f"chat {chat}", self.chat_limits), ("account", self.account_limits)):
            for window_s, count in limits:
                recent = [at for at in self.seen[key] if (self.now - at).total_seconds() < window_s]
                if len(recent) >= count:
                    self.too_fast += 1
                    return True
        self.seen[f"chat {chat}"].append(self.now)
        self.seen["account"].append(self.now)
        return False

    def take(self, chat: str, text: str, message_id: str, under: str = "") -> None:
        """Show a message in its chat. Where the test wants a hanging vendor, it is shown before the answer goes."""
        self.posted.append(Posted(chat, text, message_id, under))
        if self.hang is not None:
            self.hang.wait(20)

    @property
    def texts(self) -> list[str]:
        """What stands in the chats, in the order of coming."""
        return [message.text for message in self.posted]


@contextmanager
def serving(double: Double) -> Iterator[Double]:
    """The double at loopback; fails when it saw a call that is not as documented."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            asked = Asked(self.command, parts.path, query, headers, self.rfile.read(length))
            try:
                status, more, said = double.answer(asked)
            except (AssertionError, KeyError, ValueError) as error:
                double.faults.append(f"{asked.method} {asked.path}: {error!r}")
                status, more, said = 500, {}, "broken"
            is_file = isinstance(said, bytes)
            content = said if is_file else json.dumps(said).encode()
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/octet-stream" if is_file else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = handle_any

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    double.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield double
    finally:
        if double.hang is not None:
            double.hang.set()
        server.shutdown()
        server.server_close()
    assert not double.faults, double.faults
