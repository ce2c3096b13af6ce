"""A strict Matrix homeserver at loopback: what an application service may do, and the errors for what it may not."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

SERVER_NAME = "hs.example"
AS_TOKEN, HS_TOKEN = "as-token", "hs-token"


@dataclass
class Double:
    """One room, its members and what was said; `fail` answers the next calls instead."""

    url: str = ""
    room: str = "!room:hs.example"
    users: set[str] = field(default_factory=lambda: {"@aftercare:hs.example"})
    invited: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=lambda: {"@aftercare:hs.example"})
    names: dict[str, str] = field(default_factory=dict)
    said: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    transactions: dict[tuple[str, str], str] = field(default_factory=dict)
    media: dict[str, bytes] = field(default_factory=dict)
    fail: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    @property
    def config(self) -> dict[str, str]:
        """What an account with it is configured with."""
        return {"homeserver": self.url, "server_name": SERVER_NAME, "sender": "aftercare", "prefix": "ac_"}


class Handler(BaseHTTPRequestHandler):
    double: Double

    def answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.double.calls.append(f"{self.command} {unquote(parts.path)}")
        if self.headers.get("Authorization") != f"Bearer {AS_TOKEN}":
            return self.say(401, {"errcode": "M_UNKNOWN_TOKEN", "error": "no"})
        if self.double.fail:
            return self.say(*self.double.fail.pop(0))
        path = [unquote(part) for part in parts.path.removeprefix("/_matrix/client/").split("/")]
        user = parse_qs(parts.query).get("user_id", ["@aftercare:hs.example"])[0]
        if path[:3] == ["v1", "media", "download"]:
            return self.download(path)
        said = json.loads(body)
        if path == ["v3", "register"]:
            return self.register(said)
        if user not in self.double.users:
            return self.say(
                403, {"errcode": "M_FORBIDDEN", "error": "Application service has not registered this user"}
            )
        if path[1] == "profile":
            assert path[2] == user, "only one's own name"
            self.double.names[user] = said["displayname"]
            return self.say(200, {})
        assert path[1] == "rooms"
        if path[2] != self.double.room:
            return self.say(403, {"errcode": "M_FORBIDDEN", "error": "no such room"})
        return getattr(self, path[3])(user, path, said, body)

    def register(self, said: dict[str, Any]) -> None:
        user = f"@{said['username']}:{SERVER_NAME}"
        if said["type"] != "m.login.application_service" or not said["username"].startswith("ac_"):
            return self.say(400, {"errcode": "M_EXCLUSIVE"})
        if user in self.double.users:
            return self.say(400, {"errcode": "M_USER_IN_USE"})
        self.double.users.add(user)
        return self.say(200, {"user_id": user})

    def invite(self, user: str, path: list[str], said: dict[str, Any], body: bytes) -> None:
        if user not in self.double.members:
            return self.say(403, {"errcode": "M_FORBIDDEN"})
        self.double.invited.add(said["user_id"])
        return self.say(200, {})

    def join(self, user: str, path: list[str], said: dict[str, Any], body: bytes) -> None:
        if user not in self.double.invited | self.double.members:
            return self.say(403, {"errcode": "M_FORBIDDEN"})
        self.double.members.add(user)
        return self.say(200, {"room_id": self.double.room})

    def send(self, user: str, path: list[str], said: dict[str, Any], body: bytes) -> None:
        assert path[4] == "m.room.message" and said["msgtype"] in ("m.text", "m.notice")
        if user not in self.double.members:
            return self.say(403, {"errcode": "M_FORBIDDEN"})
        if len(body) > 65_536:
            return self.say(413, {"errcode": "M_TOO_LARGE"})
        key = (user, path[5])
        if key not in self.double.transactions:
            self.double.said.append((user, said))
            self.double.transactions[key] = f"$event{len(self.double.said)}"
        return self.say(200, {"event_id": self.double.transactions[key]})

    def download(self, path: list[str]) -> None:
        data = self.double.media.get("/".join(path[3:]))
        if data is None:
            return self.say(404, {"errcode": "M_NOT_FOUND"})
        return self.say(200, data)

    def say(self, status: int, said: Any) -> None:
        text = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *words: object) -> None:
        """Quiet."""


@pytest.fixture
def homeserver() -> Iterator[Double]:
    """A homeserver of this test's own."""
    double = Double()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"double": double}))
    double.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield double
    server.shutdown()
    server.server_close()
