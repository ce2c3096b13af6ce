"""Group `desk`: the inbox, a ticket's page and search over a made desk, beside django-helpdesk."""

import http.client
import os
import random
import re
import time
from collections import defaultdict
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench import helpdesk_peer
from bench.desk_words import QUESTIONS
from bench.figures import Figure, quantile, spread
from bench.pages import child, default_folder, machine_state
from bench.samples_sql import SEED
from tests.service import Service

TICKETS = 1_000_000
REQUESTS = 300
WARM_UP = 20


def place_for(tickets: int) -> Path:
    """Where a desk of this size is kept for the next run."""
    return default_folder().parent / f"desk-{tickets}"


def inbox(tickets: int) -> list[Figure]:
    """The figures inbox_view and ticket_page, and the peer's."""
    with_peer = helpdesk_peer.measure(min(tickets, helpdesk_peer.TICKETS))
    with Served(tickets) as desk:
        for _ in range(REQUESTS + WARM_UP):
            desk.get("inbox", "/tickets")
            desk.get("next page", desk.next_page or "/tickets")
            desk.get("unclaimed", "/tickets?assignee=none")
            desk.get("one customer", "/tickets?severity=P1&way=chat")
            desk.get("ticket", f"/tickets/{desk.draw.choice(desk.facts['tickets'])}")
            desk.get("counts", "/tickets/views/counts")
            desk.get("customer's list", "/tickets", by="owners")
        pages = ("inbox", "next page", "unclaimed", "one customer", "customer's list")
        return [
            desk.figure("inbox_view", pages, 200, 80, f"; {with_peer.told('inbox')}"),
            desk.figure("ticket_page", ("ticket",), 200, 80, f"; {with_peer.told('ticket')}"),
        ]


def search(tickets: int) -> list[Figure]:
    """The figure search: what people look for, over HTTP, with counts, excerpts and all."""
    with Served(tickets) as desk:
        questions = [question for question, often in QUESTIONS for _ in range(often)]
        for _ in range(3):
            desk.draw.shuffle(questions)
            for question in questions:
                path = "/tickets/search?" + urlencode({"q": question})
                desk.get(question, path, by="owners" if desk.draw.random() < 0.1 else "agents")
        return [desk.figure("search", tuple(question for question, _often in QUESTIONS), 400, 150, "")]


class Served:
    """A real server on the made desk, asked by its agents in turn over one connection; times by kind of request."""

    def __init__(self, tickets: int) -> None:
        self.folder = place_for(tickets)
        self.facts: dict[str, Any] = child("bench.desk_data", str(self.folder), str(tickets))
        self.service = Service(self.folder, AFTERCARE_LOG_LEVEL=os.environ.get("BENCH_LOG_LEVEL", "WARNING"))
        self.draw = random.Random(SEED)
        self.took: dict[str, list[float]] = defaultdict(list)
        self.next_page = ""

    def __enter__(self) -> "Served":
        self.service.start(wait_s=180)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=120)
        return self

    def __exit__(self, *_ended: object) -> None:
        self.connection.close()
        self.service.stop()

    def get(self, kind: str, path: str, by: str = "agents") -> None:
        """One request by somebody."""
        headers = {"Cookie": self.draw.choice(self.facts[by]), "Accept-Language": "en"}
        begun = time.perf_counter()
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        body = answer.read()
        self.took[kind].append(time.perf_counter() - begun)
        assert answer.status == 200, f"{answer.status} {path}"
        following = re.search(rb'href="([^"]+)" rel="next"', body)
        if kind in ("inbox", "next page"):
            self.next_page = unescape(following[1].decode()) if following else ""

    def figure(self, name: str, kinds: tuple[str, ...], must: float, aim: float, more: str) -> Figure:
        """The 95th percentile of these kinds in milliseconds, each kind told."""
        values = [took * 1000 for kind in kinds for took in self.took[kind][WARM_UP if name != "search" else 0 :]]
        by_kind = ", ".join(
            f"{kind} {quantile(took, 0.5) * 1000:.0f}/{quantile(took, 0.95) * 1000:.0f}"
            for kind, took in self.took.items()
        )
        detail = f"{self.sizes()}; p50/p95 ms by kind: {by_kind}; {spread(values)}; {machine_state()}{more}"
        return Figure(name, quantile(values, 0.95), "ms", must, aim, "lower", detail)

    def sizes(self) -> str:
        """What there is."""
        held = self.facts["sizes"]
        rows = {table: count for table, (count, _bytes) in held["tables"].items()}
        return (
            f"{rows['desk_ticket']:,} tickets, {rows['desk_message']:,} messages, {len(self.facts['agents'])} agents; "
            f"documents: table {held['heap_bytes'] / 1e6:,.0f} MB, index {held['index_bytes'] / 1e6:,.0f} MB, "
            f"all {held['tables']['desk_document'][1] / 1e6:,.0f} MB"
        )
