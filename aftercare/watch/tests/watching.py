"""A small stage for the evaluation: reports of an app, and a clock that moves five seconds at a time."""

from datetime import datetime, timedelta
from typing import Any

from aftercare.accounts.models import App
from aftercare.watch.actions import create_monitor
from aftercare.watch.engine import EVERY_S, Evaluator
from aftercare.watch.models import Alert, Comparison, Monitor, MonitorState, Severity
from aftercare.watch.types import MonitorFacts

STALLS = {"metric": "rebuffering_ratio", "comparison": Comparison.ABOVE, "threshold": 5.0, "severity": Severity.RED}


class Stage:
    """One evaluator over the real engines. `now` is a whole minute of the recent past plus the ticks so far."""

    def __init__(self, telemetry: Any, now: datetime) -> None:
        self.telemetry = telemetry
        self.now = now.replace(second=0, microsecond=0) - timedelta(minutes=30)
        self.evaluator = self.another_evaluator()

    def another_evaluator(self) -> Evaluator:
        """A new process: same stores, empty memory."""
        return Evaluator(lambda: self.telemetry.pool)

    def tick(self, times: int = 1) -> int:
        """Let five seconds pass and evaluate, so many times; returns the number of changes."""
        changed = 0
        for _ in range(times):
            self.now += timedelta(seconds=EVERY_S)
            changed += self.evaluator.process_due(self.now)
        return changed

    def play(self, app: App, *, stalled: float, ago_s: float = 1, sessions: int = 20, **facts: Any) -> None:
        """Reports of a minute each by some players, a share (0 to 1) of it stalled."""
        stall_ms = int(60_000 * stalled)
        row = {
            "customer": app.customer_id,
            "app": app.pk,
            "ts": self.now - timedelta(seconds=ago_s),
            "interval_ms": 60_000,
            "play_ms": 60_000 - stall_ms,
            "stall_ms": stall_ms,
        }
        self.telemetry.add([row | {"session": f"s{n}"} | facts for n in range(sessions)])

    def play_on(self, app: App, *, stalled: float, times: int, **facts: Any) -> None:
        """As many ticks with fresh reports before each: old windows leave, new ones hold only this."""
        for _ in range(times):
            self.play(app, stalled=stalled, **facts)
            self.tick()

    def monitor(self, app: App, **facts: Any) -> Monitor:
        """A red line for stalls, one window to fire and three to resolve, unless told otherwise."""
        settings = STALLS | {"fire_after": 1, "resolve_after": 3} | facts
        return create_monitor(app=app, facts=MonitorFacts(**settings), actor=None, now=self.now)


def status(monitor: Monitor) -> str:
    """The stored status."""
    return MonitorState.objects.get(pk=monitor.pk).status


def alerts(monitor: Monitor) -> list[Alert]:
    """The monitor's alerts, oldest first."""
    return list(Alert.objects.filter(monitor=monitor).order_by("pk"))
