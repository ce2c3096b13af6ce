"""From a fault to the page: seconds from the first bad report received to the delivery at a webhook."""

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.figures import Figure, quantile, spread
from bench.ingest import server
from bench.paced import SHARE
from bench.senders import Senders, sender
from tests.service import Service

FAULTS = 12
LIVE, REPORT_S, SENDERS = 10_000, 5, 20
WARM_UP_S, WELL_S, PATIENCE_S = 40, 95, 60


class Pager:
    """The on-call engineer's webhook."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.came = threading.Event()
        pager = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if body["type"] == "page":
                    pager.times.append(time.monotonic())
                    pager.came.set()
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def next_page(self) -> float:
        """When the next page comes. Raises RuntimeError when none does: then there is no figure."""
        if not self.came.wait(PATIENCE_S):
            raise RuntimeError(f"no page came within {PATIENCE_S} s of the fault")
        return self.times[-1]


def fault_to_page() -> Figure:
    """Faults at random moments of the players' and the rules' rhythm, with the default rules only."""
    pager, draw, took = Pager(), random.Random(5), []
    with server() as service:
        service.default_rules()
        service.wake_by_webhook(pager.address)
        names = [f"p{n}" for n in range(SENDERS)]
        with players(service, names) as senders:
            time.sleep(WARM_UP_S)
            for number in range(FAULTS):
                # Well long enough for the last alert to have closed.
                time.sleep(draw.uniform(0, REPORT_S) + (WELL_S if number else 0))
                pager.came.clear()
                first_bad = senders.turn_bad(*names)
                took.append(pager.next_page() - first_bad)
                for name in names:
                    senders.turn_good(name)
            told = senders.stop()
    rows_s = sum(one["rows_per_s"] for one in told["senders"].values())
    behind = max(one["lag_s"] for one in told["senders"].values())
    return Figure(
        "fault_to_page",
        quantile(took, 0.95),
        "s, p95",
        15,
        8,
        "lower",
        f"{spread(took, 1)}; {LIVE:,} sessions live, each reporting every {REPORT_S} s ({rows_s:,.0f} rows/s taken, "
        f"at most {behind:.1f} s behind), {SHARE:.0%} of them stalling half of their time once the fault begins",
    )


@contextmanager
def players(service: Service, names: list[str]) -> Iterator[Senders]:
    """LIVE sessions of one app, each sender a batch a second."""
    secret, rows_s = service.seeded["show_secret"], LIVE / REPORT_S / SENDERS
    senders = Senders(service.port, [sender(name, secret, rows_s, report_s=REPORT_S) for name in names])
    try:
        yield senders
    finally:
        senders.kill()
