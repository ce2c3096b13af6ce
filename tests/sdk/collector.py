"""A collector that a test can read and command: strict about what it takes, as the front door is."""

import http.server
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from aftercare.ingest.reading import read_samples

KEY = "key-of-the-page"


@dataclass
class Delivery:
    """One request as it came, and how it was answered."""

    name: str
    status: int
    samples: list[dict[str, Any]]


class Collector:
    """Listens at `base`. `answer` is the status of the next requests, `headers` go with it."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.wrong: list[str] = []
        self.answer = 200
        self.headers: dict[str, str] = {}
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.take(self.path, dict(self.headers.items()), body)
                self.reply(collector.answer, collector.headers)

            def do_OPTIONS(self) -> None:
                collector.wrong.append("a preflight")
                self.reply(405, {})

            def reply(self, status: int, headers: dict[str, str]) -> None:
                self.send_response(status)
                self.send_header("Access-Control-Allow-Origin", "*")
                self.send_header("Access-Control-Expose-Headers", "retry-after")
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        """Note a request, and whatever is wrong with it."""
        asked = urlsplit(path)
        reading = read_samples(body, now_ms=int(time.time() * 1000))
        self.wrong += [f"{refusal.reason}: {refusal.excerpt}" for refusal in reading.refusals]
        if asked.path != f"/v1/samples/{KEY}":
            self.wrong.append(f"sent to {asked.path}")
        if not headers["Content-Type"].startswith("text/plain") or "Cookie" in headers:
            self.wrong.append(f"headers {headers}")
        if len(body) > 64_000:
            self.wrong.append(f"a body of {len(body)} bytes")
        samples = [msgspec.to_builtins(sample) for sample in reading.samples]
        self.deliveries.append(Delivery(parse_qs(asked.query)["batch"][0], self.answer, samples))

    def kept(self, **fields: Any) -> list[dict[str, Any]]:
        """The samples of batches that were taken, each batch once, those with these fields."""
        batches = {delivery.name: delivery.samples for delivery in self.deliveries if delivery.status == 200}
        every = [sample for samples in batches.values() for sample in samples]
        return [sample for sample in every if all(sample[name] == value for name, value in fields.items())]
