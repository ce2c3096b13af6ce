"""kill -9 under pings, again and again: every ping that was answered with 2xx is there, and nobody is called for it."""

import http.client
import random
import tempfile
import threading
import time
from pathlib import Path

from tests.service import Service

KILLS = 5
SENDERS = 4
MOST_OF_ONE = 90  # of a heartbeat's pings the last hundred are kept


class Sender(threading.Thread):
    """Pings its heartbeats in turn over a kept connection, each time with a run id of its own."""

    def __init__(self, service: Service, name: str, paths: list[str]) -> None:
        super().__init__(daemon=True)
        self.service = service
        self.label = name
        self.paths = paths
        self.kept: dict[str, list[str]] = {path: [] for path in paths}
        self.failed = 0
        self.stopping = threading.Event()

    def run(self) -> None:
        connection = None
        for number in range(MOST_OF_ONE * len(self.paths)):
            if self.stopping.is_set():
                return
            path, rid = self.paths[number % len(self.paths)], f"{self.label}-{number}"
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=10)
                connection.request("POST", f"{path}?rid={rid}", b"done")
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self.kept[path].append(rid)
            except (OSError, http.client.HTTPException):
                connection = None
                self.failed += 1
                time.sleep(0.05)


def test_every_ping_that_was_answered_is_there() -> None:
    moments = random.Random(20261130)
    with tempfile.TemporaryDirectory(prefix="aftercare-pings-") as place:
        service = Service(Path(place) / "data")
        service.start()
        service.seed()
        paths = service.add_heartbeats(SENDERS * 30, every_s=3600)
        senders = [Sender(service, f"s{n}", paths[n::SENDERS]) for n in range(SENDERS)]
        for sender in senders:
            sender.start()
        for _ in range(KILLS):
            time.sleep(moments.uniform(0.5, 2.0))
            service.kill()
            service.start()
        time.sleep(1)
        for sender in senders:
            sender.stopping.set()
        for sender in senders:
            sender.join(30)
        answered = {path: rids for sender in senders for path, rids in sender.kept.items() if rids}
        assert sum(map(len, answered.values())) > 500
        assert sum(sender.failed for sender in senders) > KILLS, "it was killed while it took pings"
        kept = service.all_run_ids()
        for path, rids in answered.items():
            assert set(rids) <= set(kept[path])
            assert len(kept[path]) == len(set(kept[path])), "and none is there twice"
        assert service.pings()["alerts"] == 0
        service.stop()
