"""Doubles of exporters at loopback, and Debian's real node_exporter and Prometheus."""

import contextlib
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.service import free_port

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


class Exporter:
    """Answers every GET with `body`; a test changes it, and reads what was asked in `asked`."""

    def __init__(self, body: bytes = b"", *, content_type: str = TEXT) -> None:
        self.body, self.status = body, 200
        self.headers = {"Content-Type": content_type}
        self.asked: list[dict[str, str]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = self._answer
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
                with contextlib.suppress(OSError):
                    outer.answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.address = f"http://127.0.0.1:{self.port}/metrics"
        threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(self.status)
        for name, value in {**self.headers, "Content-Length": str(len(self.body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(self.body)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@contextlib.contextmanager
def exporter(body: bytes = b"", *, content_type: str = TEXT) -> Iterator[Exporter]:
    """An exporter for the time of a test."""
    made = Exporter(body, content_type=content_type)
    try:
        yield made
    finally:
        made.close()


@contextlib.contextmanager
def running(command: list[str], address: str, *, log: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A program that answers at this address, until the test is done with it."""
    with tempfile.TemporaryFile() if log is None else log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            ends = time.monotonic() + 20
            while True:
                assert process.poll() is None and time.monotonic() < ends, f"{command[0]} does not answer"
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(address, timeout=2).close()  # noqa: S310 - loopback, http
                    break
                time.sleep(0.05)
            yield process
        finally:
            process.terminate()
            process.wait(20)


@contextlib.contextmanager
def node_exporter() -> Iterator[str]:
    """Debian's prometheus-node-exporter; gives the address of its metrics."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/metrics"
    with running(["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{port}"], address):
        yield address
