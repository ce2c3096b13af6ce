"""A server that notes which lines it was sent, once per batch name, and answers as it is told to."""

import gzip
import http.server
import json
import threading
from collections import Counter
from typing import Any

Answer = tuple[int, dict[str, str]]


class Receiver:
    """Takes batches at any address. `answers` are given first, one per request; what a 0 stands for is no answer."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.batches: dict[str, list[str]] = {}
        self.requests: list[tuple[str, str]] = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((self.path, self.headers["Authorization"]))
                status, headers = receiver.answers.pop(0) if receiver.answers else (200, {})
                said: dict[str, Any] = {"error": "as told"}
                if status in (0, 200):
                    lines = gzip.decompress(body).decode().splitlines()
                    receiver.batches.setdefault(self.headers["Idempotency-Key"], lines)
                    said = {"accepted": len(lines), "duplicates": 0, "rejected": 0}
                if status == 0:  # kept, and the answer is lost on its way
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(said).encode())

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def lines(self) -> list[str]:
        """Every line of every batch."""
        return [line for batch in self.batches.values() for line in batch]

    def require(self, wanted: list[str]) -> None:
        """Fail unless each of these lines came in, once, and no other."""
        assert Counter(self.lines) == Counter(wanted)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
