"""The child process that sends at a steady rate, seen from the benchmark that drives it."""

import json
import subprocess
import sys
from typing import Any


def sender(name: str, secret: str, rows_per_s: float, *, report_s: float) -> dict[str, Any]:
    """One sender of the plan: as many sessions as give this rate when each reports every `report_s`."""
    return {"name": name, "secret": secret, "sessions": int(rows_per_s * report_s), "rows_per_s": rows_per_s}


class Senders:
    """All senders of a plan, from now until `stop`."""

    def __init__(self, port: int, plan: list[dict[str, Any]]) -> None:
        command = [sys.executable, "-m", "bench.paced"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.rows_s = sum(float(one["rows_per_s"]) for one in plan)
        self._say(json.dumps({"port": port, "senders": plan}))

    def turn_bad(self, *names: str) -> float:
        """Make senders' players sick; when the first bad batch was sent that was acknowledged (monotonic s)."""
        for name in names:
            self._say(f"bad {name}")
        return min(float(self._hear()["at"]) for _ in names)

    def turn_good(self, name: str) -> None:
        """Make a sender's players well again."""
        self._say(f"good {name}")

    def stop(self) -> dict[str, Any]:
        """End the child; returns what it did."""
        assert self._process.stdin
        self._process.stdin.close()
        told = self._hear()
        self._process.wait(60)
        return told

    def kill(self) -> None:
        """End the child if it still runs."""
        self._process.kill()
        self._process.wait()

    def _say(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told
