"""Serves the page of a call and the client's own files on loopback, which browsers take for a secure place."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CLIENT = HERE / "node_modules" / "rtcstats"


@contextmanager
def served(files: dict[str, Path]) -> Iterator[str]:
    """The address under which these files are served."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = files.get(self.path)
            body = found.read_bytes() if found else b""
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html" if self.path.endswith(".html") else "text/javascript")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


@contextmanager
def call_page() -> Iterator[str]:
    """The page of `call.html`, with the npm client's files."""
    names = ("rtcstats.js", "trace-ws.js")
    missing = [name for name in names if not (CLIENT / name).exists()]
    assert not missing, "the rtcstats client is not installed: bin/test does it (npm ci --prefix tests/rtcstats)"
    with served({"/call.html": HERE / "call.html", **{f"/{name}": CLIENT / name for name in names}}) as base:
        yield f"{base}/call.html"
