"""An evening of the product, its clock in the hand of the test: reports come in, every engine runs, all 5 seconds."""

from datetime import datetime, time, timedelta
from typing import Any

from aftercare.accounts.models import App, User
from aftercare.incidents import engine as incidents_engine
from aftercare.notify.actions import add_contact
from aftercare.notify.engine.sender import Sender
from aftercare.oncall import engine as oncall_engine
from aftercare.oncall.actions import save_policy, save_schedule, turns_document
from aftercare.watch.actions import create_default_monitors
from aftercare.watch.engine import EVERY_S, Evaluator
from tests.world import World

# Enough players for every metric's volume floor within one window of a minute.
AUDIENCE = 150
WINDOW_TICKS = 12
RESOLVE_TICKS = 6


class Evening:
    """The default rules on every app, Lin on call by webhook, Mei behind her; `now` starts a quarter of an hour ago."""

    def __init__(self, world: World, telemetry: Any, hook: str) -> None:
        self.world = world
        self.telemetry = telemetry
        self.now = world.now.replace(second=0, microsecond=0) - timedelta(minutes=15)
        self.evaluators = [Evaluator(lambda: telemetry.pool)]
        self.senders = [Sender()]
        for app in (world.show_app, world.social_app):
            create_default_monitors(app=app, now=self.now)
        for person, name in ((world.eng, "lin"), (world.mei, "mei")):
            add_contact(user=person, channel="webhook", address=f"{hook}/{name}", verified=True, now=self.now)
        first, second = self.schedule("First", world.eng), self.schedule("Second", world.mei)
        save_policy(steps=[(first, 300), (second, 300)], repeat=0, actor=world.ada, now=self.now)

    def schedule(self, name: str, member: User) -> Any:
        """A schedule of one person."""
        starts = datetime.combine((self.now - timedelta(days=1)).date(), time())
        turns = turns_document(timezone="UTC", turns=[[member]], starts=starts)
        return save_schedule(name=name, document=turns, actor=self.world.ada, now=self.now)

    def report(self, app: App, *, stalled: float = 0.0, viewers: int = AUDIENCE, **more: Any) -> None:
        """What the viewers report of the five seconds until now, a share (0 to 1) of them stalled."""
        span_ms = EVERY_S * 1000
        stall_ms = int(span_ms * stalled)
        row = {
            "customer": app.customer_id,
            "app": app.pk,
            "ts": self.now,
            "interval_ms": span_ms,
            "play_ms": span_ms - stall_ms,
            "stall_ms": stall_ms,
            "stall_count": int(stall_ms > 0),
            "stalled": int(stall_ms > 0),
            "province": "Guangdong",
        }
        names = [f"{app.name}-{number}" for number in range(viewers)]
        self.telemetry.add([row | {"session": name, "user": name} | more for name in names])

    def tick(self, times: int = 1) -> None:
        """Five seconds pass and every engine does what is due, so many times."""
        for _ in range(times):
            self.now += timedelta(seconds=EVERY_S)
            self.engines()

    def engines(self) -> None:
        """Every engine once, now."""
        for evaluator in self.evaluators:
            evaluator.process_due(self.now)
        incidents_engine.process_due(self.now)
        oncall_engine.process_due(self.now)
        for sender in self.senders:
            sender.process_due(self.now)

    def play(self, app: App, *, ticks: int, stalled: float = 0.0, **more: Any) -> None:
        """Viewers report every five seconds while the evening goes on."""
        for _ in range(ticks):
            self.now += timedelta(seconds=EVERY_S)
            self.report(app, stalled=stalled, **more)
            self.engines()

    def recover(self, app: App) -> None:
        """A minute is skipped, so that no window holds the fault; then all is well until the rules believe it."""
        self.now += timedelta(seconds=EVERY_S * WINDOW_TICKS)
        self.play(app, ticks=RESOLVE_TICKS + 1)
