"""An outage: twelve customers over three edges, rules of all of them, and an edge that dies.

Telemetry, rules, alerts, incidents and pages are the real ones; only time is moved by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aftercare.accounts.models import App, Customer, User
from aftercare.telemetry.models import Resource, ResourceServes
from aftercare.watch.engine import EVERY_S, Evaluator
from aftercare.watch.models import Alert, Comparison, Monitor
from aftercare.watch.tests.watching import Stage
from tests.world import World, member

EDGES = ("sh-edge-3", "sh-edge-4", "bj-edge-1")
REGION = {"sh-edge-3": "shanghai", "sh-edge-4": "shanghai", "bj-edge-1": "beijing"}
# Two that can be split by node, one that cannot (distinct users): it goes with the others of its app.
RULES = (("rebuffering_ratio", 5.0), ("stall_rate", 5.0), ("users_stalled", 20.0))


@dataclass
class Outage:
    """The customers with their apps, the map, and one evaluator."""

    world: World
    stage: Stage
    customers: list[Customer] = field(default_factory=list)
    apps: list[App] = field(default_factory=list)
    people: dict[str, User] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The instant that it is."""
        return self.stage.now

    def rules(self, apps: Sequence[App], rules: Sequence[tuple[str, float]] = RULES, **more: Any) -> list[Monitor]:
        """These red lines for each of the apps."""
        lines = [{"metric": metric, "threshold": line, "comparison": Comparison.ABOVE} for metric, line in rules]
        return [self.stage.monitor(app, **line, **more) for app in apps for line in lines]

    def play(self, bad: Sequence[str] = (), apps: Sequence[App] | None = None, edges: Sequence[str] = EDGES) -> None:
        """A minute's reports of each app's viewers on each edge; those on bad edges stall half of the time."""
        rows = [
            {
                "customer": app.customer_id,
                "app": app.pk,
                "ts": self.now - timedelta(seconds=1),
                "session": f"{edge}-{n}",
                "user": f"{edge}-{n}",
                "edge": edge,
                "interval_ms": 60_000,
                "play_ms": 60_000,
                "video_ms": 60_000,
                "audio_ms": 60_000,
                **({"play_ms": 30_000, "stall_ms": 30_000, "stall_count": 3} if edge in bad else {}),
            }
            for app in (self.apps if apps is None else apps)
            for edge in edges
            for n in range(25)
        ]
        self.stage.telemetry.add(rows)

    def live(self, bad: Sequence[str] = (), *, ticks: int = 1, **more: Any) -> None:
        """Time passes with fresh reports before each evaluation."""
        for _ in range(ticks):
            self.play(bad, **more)
            self.stage.now += timedelta(seconds=EVERY_S)
            self.evaluator.process_due(self.stage.now)

    @property
    def evaluator(self) -> Evaluator:
        """The process that evaluates."""
        return self.stage.evaluator

    def open_alerts(self) -> int:
        """How many rules are over their line."""
        return Alert.objects.filter(closed_at__isnull=True).count()


def outage_in(world: World, telemetry: Any, now: datetime, customers: int = 12) -> Outage:
    """So many customers, every sixth with two apps, half of them readers of English; nothing has happened yet."""
    stage = Stage(telemetry, now)
    made = Outage(world, stage)
    for name in ("shanghai", "beijing"):
        made.resources[name] = Resource.objects.create(kind="region", name=name)
    for name in EDGES:
        region = made.resources[REGION[name]]
        made.resources[name] = Resource.objects.create(kind="edge", name=name, parent=region)
    for place in range(customers):
        name = f"Customer {place + 1}"
        language = "en" if place % 2 else "zh-hans"
        customer = Customer.objects.create(
            name=name, rank="ordinary", plan="basic", language=language, created_at=world.now
        )
        made.customers.append(customer)
        made.people[name] = world.people[name] = member(customer, name, f"owner{place}@c{place}.example", "owner")
        for number in range(2 if place % 6 == 0 else 1):
            app = App.objects.create(
                customer=customer, name=f"App {place + 1}.{number}", scenario="show_live", created_at=world.now
            )
            made.apps.append(app)
            for edge in EDGES:
                ResourceServes.objects.create(
                    resource=made.resources[edge], customer=customer, app=app, source="learnt", last_seen_at=now
                )
    return made
