"""kill -9 while a visitor writes: what was sent until it was acknowledged is there once, and in its order."""

import json
import random
import tempfile
import threading
import time
from pathlib import Path

import pytest

from tests.service import Service

KILLS = 3
LINES = 40


class Window(threading.Thread):
    """A visitor's window: each line under its id until it is acknowledged, as the page's script does."""

    def __init__(self, service: Service, site_key: str) -> None:
        super().__init__(daemon=True)
        self.service = service
        self.base = f"/chat/{site_key}"
        self.headers = {"Content-Type": "application/json"}
        self.retried = 0
        told = self.ask("POST", "session", {"identity": ""})
        self.headers["Authorization"] = f"Bearer {told['token']}"

    def ask(self, method: str, path: str, values: dict[str, str] | None = None) -> dict[str, str]:
        while True:
            try:
                body = json.dumps(values).encode() if values is not None else b""
                status, told, _ = self.service.request(method, f"{self.base}/{path}", body, self.headers)
                if status in (200, 201):
                    return dict(told)
                assert status in (429, 500, 502, 503), told
            except OSError:
                pass
            self.retried += 1
            time.sleep(0.1)

    def run(self) -> None:
        for number in range(LINES):
            self.ask("POST", "messages", {"client_id": f"line-{number:06}", "body": f"line {number}"})
            time.sleep(0.2)


@pytest.mark.long
def test_it_works() -> None:
    draw = random.Random(4)
    with tempfile.TemporaryDirectory(prefix="aftercare-chat-kill-") as place:
        service = Service(Path(place) / "data")
        service.start()
        service.seed()
        window = Window(service, service.add_chat()["site_key"])
        window.start()
        for _ in range(KILLS):
            time.sleep(draw.uniform(0.5, 2))
            service.kill()
            service.start()
        window.join(180)
        assert not window.is_alive()
        told = window.ask("GET", "messages")["messages"]
        assert [message["body"] for message in told] == [f"line {n}" for n in range(LINES)]  # type: ignore[index]
        assert window.retried > 0
        service.stop()
