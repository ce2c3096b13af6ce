"""kill -9 while others tell their alerts, several at once and the same ones: what was answered 2xx is there, once."""

import json
import random
import tempfile
import threading
import time
from pathlib import Path

from tests.alerts.outside import alertmanager
from tests.service import Service

KILLS = 3
SENDERS = 3
GROUPS = 12
ALERTS = 40


def group(number: int, status: str = "firing") -> bytes:
    """One group of alerts, with names of its own."""
    payload = alertmanager(status)
    (alert,) = payload["alerts"]
    payload["alerts"] = [{**alert, "fingerprint": f"{number}-{n}"} for n in range(ALERTS)]
    return json.dumps(payload).encode()


class Sender(threading.Thread):
    """An Alertmanager of a cluster: sends every group until it is answered 2xx, as its peers do with the same ones."""

    def __init__(self, service: Service, path: str, status: str) -> None:
        super().__init__(daemon=True)
        self.service, self.path, self.status = service, path, status
        self.answered = 0

    def run(self) -> None:
        for number in range(GROUPS):
            while not self.sent(group(number, self.status)):
                time.sleep(0.05)
            self.answered += 1
            time.sleep(random.uniform(0.05, 0.2))

    def sent(self, body: bytes) -> bool:
        try:
            status, _told, _headers = self.service.request(
                "POST", self.path, body, {"Content-Type": "application/json"}
            )
        except OSError:
            return False
        return status == 200


def all_of_them(service: Service, path: str, status: str, kills: int) -> None:
    """Every sender tells every group while the server is killed so many times."""
    moments = random.Random(20261130)
    senders = [Sender(service, path, status) for _n in range(SENDERS)]
    for sender in senders:
        sender.start()
    for _kill in range(kills):
        time.sleep(moments.uniform(0.2, 1.0))
        service.kill()
        service.start()
    for sender in senders:
        sender.join(60)
        assert sender.answered == GROUPS


def test_what_was_answered_is_there_once_and_its_recovery_ends_it() -> None:
    with tempfile.TemporaryDirectory(prefix="aftercare-alerts-") as place:
        service = Service(Path(place) / "data")
        service.start()
        try:
            service.seed()
            path = service.add_source("alertmanager")
            all_of_them(service, path, "firing", KILLS)
            told = service.told()
            expected = GROUPS * ALERTS
            assert (told["alerts"], told["open"], told["names"], told["joined"]) == (expected,) * 4
            assert (told["incidents"], told["pages"], told["tickets"]) == (1, 1, 1)
            all_of_them(service, path, "resolved", 1)
            told = service.told()
            assert (told["alerts"], told["open"], told["unresolved"]) == (expected, 0, 0)
        finally:
            service.stop()
