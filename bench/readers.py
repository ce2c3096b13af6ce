"""People who look at pages: requests over keep-alive HTTP as the provider's engineer or as a customer's owner."""

import http.client
import random
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from bench.figures import quantile
from bench.samples_sql import APPS, SEED, customer_of, weights

RANGES = ("1h", "24h", "7d", "30d")
# Kinds of requests. A live page is the page itself and then, every few seconds, its parts and its chart.
PARTS = {"headline": "live-headline", "split": "live-split", "worst": "live-worst"}
KINDS = ("page", "chart", *PARTS, "sessions", "by_user", "by_stream")
DIMENSIONS = ("province", "carrier", "device", "sdk_version", "edge")


class Readers:
    """Draws requests and keeps how long each kind took, in seconds."""

    def __init__(self, port: int, people: dict[str, Any], known: dict[str, Any], *, spared: Iterable[int] = ()) -> None:
        self.people, self.known = people, known
        self.took: dict[str, list[float]] = defaultdict(list)
        self.by_range: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.bad: list[str] = []
        self._draw = random.Random(SEED)
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        spared = set(spared)
        self._apps = [app for app in range(1, APPS + 1) if app not in spared and str(app) in known]
        self._weights = [weights()[app - 1] for app in self._apps]

    def ask(self, kind: str, *, count: bool = True) -> float:
        """One request of a kind by somebody about some app, larger customers more often; returns its seconds."""
        draw = self._draw
        app = draw.choices(self._apps, self._weights)[0]
        span = draw.choice(RANGES)
        path, headers = self._request(kind, app, span)
        cookie = self.people["staff"] if draw.random() < 0.5 else self.people["owners"][str(customer_of(app))]
        begun = time.perf_counter()
        self._connection.request("GET", path, headers={"Cookie": cookie, "Accept-Language": "en", **headers})
        answer = self._connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - begun
        if answer.status != 200 or not body:
            self.bad.append(f"{answer.status} {path}")
        if count:
            self.took[kind].append(took)
            self.by_range[kind, span].append(took)
        return took

    def _request(self, kind: str, app: int, span: str) -> tuple[str, dict[str, str]]:
        page = f"/apps/{self.people['apps'][str(app)]['ref']}"
        said = {"range": span}
        if kind == "page" or kind == "chart" or kind in PARTS:
            said["by"] = self._draw.choice(DIMENSIONS)
            name = "/series.json" if kind == "chart" else ""
            headers = {"HX-Request": "true", "HX-Target": PARTS[kind]} if kind in PARTS else {}
            return f"{page}{name}?{urlencode(said)}", headers
        _session, stream, user = self._draw.choice(self.known[str(app)])
        said |= {"by_user": {"user": user}, "by_stream": {"stream": stream}, "sessions": {}}[kind]
        return f"{page}/sessions?{urlencode(said)}", {}

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def p95_ms(self) -> dict[str, float]:
        """The 95th percentile of each kind in milliseconds."""
        return {kind: quantile(values, 0.95) * 1000 for kind, values in self.took.items()}

    def told(self) -> str:
        """Median and 95th percentile of each kind, and of each time range over all kinds."""
        kinds = [
            f"{kind} {quantile(values, 0.5) * 1000:.0f}/{quantile(values, 0.95) * 1000:.0f}"
            for kind, values in self.took.items()
        ]
        ranges = []
        for span in RANGES:
            values = [value for (_kind, of), some in self.by_range.items() if of == span for value in some]
            if values:
                ranges.append(f"{span} {quantile(values, 0.5) * 1000:.0f}/{quantile(values, 0.95) * 1000:.0f}")
        return f"p50/p95 ms by kind: {', '.join(kinds)}; by range: {', '.join(ranges)}"
