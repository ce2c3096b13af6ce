"""kill -9 at random moments under load, ten times: what was acknowledged is there once, and nothing needs a hand."""

import random
import tempfile
import threading
import time
from pathlib import Path

from tests.service import Service, now_ms

KILLS = 10
SENDERS = 3


class Sender(threading.Thread):
    """Sends numbered batches until each is acknowledged, as a client does: the same again after every failure."""

    def __init__(self, service: Service, number: int) -> None:
        super().__init__(daemon=True)
        self.service = service
        self.number = number
        self.stopping = threading.Event()
        self.acknowledged = 0
        self.retried = 0

    def run(self) -> None:
        batch = 0
        while not self.stopping.is_set():
            self._send(batch)
            batch += 1

    def _send(self, batch: int) -> None:
        tried = False
        at = now_ms()
        while True:
            self.retried += tried
            tried = True
            try:
                if batch % 3 == 2:
                    sent, lines = self._cmcd(batch, at)
                else:
                    sent, lines = self._native(batch, at)
            except OSError:
                time.sleep(0.05)
                continue
            if sent:
                self.acknowledged += lines
                return
            time.sleep(0.05)

    def _native(self, batch: int, at: int) -> tuple[bool, int]:
        # Some lines lie in the past, so that a commit has parts in several partitions.
        lines = [
            {
                "session": f"k{self.number}-{i % 7}",
                "ts": at - (i % 3) * 86_400_000,
                "interval_ms": 1000,
                "stall_ms": 7,
                "facts": {"country": f"C{i % 4}"},
                "detail": f"{self.number}/{batch}/{i}",
            }
            for i in range(30)
        ]
        status, _ = self.service.samples(lines, Idempotency_Key=f"{self.number}/{batch}")
        return status == 200, len(lines)

    def _cmcd(self, batch: int, at: int) -> tuple[bool, int]:
        lines = [
            f'e=t,sid="kc{self.number}",sn={batch * 10 + i},sta={"p" if i % 2 else "r"},ts={at + i},v=2,cid="k"'
            for i in range(5)
        ]
        status, _ = self.service.cmcd("\n".join(lines))
        return status == 204, len(lines)


def test_everything_acknowledged_is_there_once() -> None:
    moments = random.Random(20261123)
    with tempfile.TemporaryDirectory(prefix="aftercare-kill-") as place:
        service = Service(Path(place) / "data")
        service.start()
        service.seed()
        senders = [Sender(service, number) for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        for _ in range(KILLS):
            time.sleep(moments.uniform(0.2, 3.0))
            service.kill()
            service.start()
        time.sleep(1)
        for sender in senders:
            sender.stopping.set()
        for sender in senders:
            sender.join(60)
        assert service.stop() < 10
        acknowledged = sum(sender.acknowledged for sender in senders)
        assert sum(sender.retried for sender in senders) > 0
        found = service.telemetry(
            "SELECT countIf(source = 'native'), uniqExactIf(detail, source = 'native'), "
            "countIf(source = 'cmcd'), uniqExactIf((session, line), source = 'cmcd') FROM samples"
        )[0]
        native, distinct, cmcd, distinct_cmcd = found
        assert native == distinct
        assert cmcd == distinct_cmcd
        assert native + cmcd == acknowledged
        raw = "SELECT countIf(source != 'derived'), sum(stall_ms), sum(interval_ms), sum(opened) FROM samples"
        expected = service.telemetry(raw)
        assert expected[0][3] == SENDERS * 8, "a session was opened twice or never"
        for table in ("r10s", "r1m", "r1h"):
            for cut in ("", "country"):
                sums = f"SELECT sum(reports), sum(stall_ms), sum(interval_ms), sum(sessions) FROM {table}"
                assert service.telemetry(f"{sums} WHERE cut = '{cut}'") == expected, (table, cut)
        sums = "SELECT sum(reports), sum(stall_ms), sum(interval_ms), uniqExact(session) FROM sessions"
        assert service.telemetry(sums) == expected
        service.close_reader()
