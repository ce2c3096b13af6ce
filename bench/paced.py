"""Customers that send at a steady rate, in a process of their own: `python -m bench.paced` with a plan on its input.

The plan is one JSON line: {"port", "senders": [{"name", "secret", "sessions", "rows_per_s"}]}. Then "bad NAME" and
"good NAME" turn a sender's players sick and well. The first acknowledged bad batch is told as {"bad": name, "at":
seconds of the machine's monotonic clock when it was sent}, and what was done in all when the input ends.
"""

import http.client
import json
import random
import sys
import threading
import time
from typing import Any

from bench.lines import native_line
from tests.service import now_ms

TICK_S = 1.0
TELLING = threading.Lock()
# Of a sick sender's players, so many stall half of their time.
SHARE = 0.3


class Sender:
    """One customer's players, their reports spread evenly, a batch a second."""

    def __init__(self, port: int, plan: dict[str, Any]) -> None:
        self.name: str = plan["name"]
        self.rows = self.refused = 0
        self.lag_s = 0.0
        self.is_bad = False
        self._is_told = True
        self._port, self._plan = port, plan
        self._draw = random.Random(self.name)
        self._told: set[int] = set()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def turn(self, is_bad: bool) -> None:
        """Sick or well from the next batch on."""
        self._is_told, self.is_bad = not is_bad, is_bad

    def stop(self) -> None:
        """End after the batch under way."""
        self._ends.set()
        self._thread.join(30)

    def _run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Authorization": f"Bearer {self._plan['secret']}"}
        per_tick, place, number = self._plan["rows_per_s"] * TICK_S, 0, 0
        begun = time.monotonic()
        while not self._ends.is_set():
            number += 1
            until = int(number * per_tick)
            lines = [self._line(row % self._plan["sessions"]) for row in range(place, until)]
            place, is_bad, at = until, self.is_bad, time.monotonic()
            connection.request(
                "POST",
                "/v1/samples",
                "\n".join(map(json.dumps, lines)),
                {**headers, "Idempotency-Key": f"{self.name}-{begun}-{number}"},
            )
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                self.rows += len(lines)
            else:
                self.refused += len(lines)
            if is_bad and not self._is_told and answer.status == 200:
                self._is_told = True
                tell({"bad": self.name, "at": at})
            behind = time.monotonic() - begun - number * TICK_S
            self.lag_s = max(self.lag_s, behind)
            self._ends.wait(max(-behind, 0))
        connection.close()

    def _line(self, session: int) -> dict[str, Any]:
        line = native_line(self._draw, session, now_ms(), told=session in self._told)
        self._told.add(session)
        line["session"] = f"{self.name}-{session}"
        if self.is_bad and self._draw.random() < SHARE:
            return line | {"play_ms": 2500, "stall_ms": 2500, "stall_count": 2, "video_gaps": [1200, 1300]}
        return line | {"play_ms": 5000, "stall_ms": 0, "stall_count": 0, "video_gaps": []}


def tell(facts: dict[str, Any]) -> None:
    """One line for the parent; whole, though many threads tell."""
    with TELLING:
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()


def main() -> None:
    """Send until the input ends."""
    plan = json.loads(sys.stdin.readline())
    begun, cpu = time.monotonic(), time.process_time()
    senders = {sender["name"]: Sender(plan["port"], sender) for sender in plan["senders"]}
    for line in sys.stdin:
        word, name = line.split()
        senders[name].turn(word == "bad")
    for sender in senders.values():
        sender.stop()
    took = time.monotonic() - begun
    told = {
        sender.name: {"rows_per_s": sender.rows / took, "refused": sender.refused, "lag_s": sender.lag_s}
        for sender in senders.values()
    }
    tell({"cpu_s": time.process_time() - cpu, "seconds": took, "senders": told})


if __name__ == "__main__":
    main()
