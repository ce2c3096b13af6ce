"""A small stage for heartbeats: pings as the front door keeps them, and looks at any time."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from aftercare.watch.heartbeats.actions import create_heartbeat
from aftercare.watch.heartbeats.engine import process_due
from aftercare.watch.heartbeats.keeping import Kept, keep
from aftercare.watch.heartbeats.pings import Ping
from aftercare.watch.heartbeats.types import HeartbeatFacts
from aftercare.watch.models import Alert, Heartbeat, HeartbeatState, HeartbeatWatch


class Beats:
    """Everything happens at `now`, a whole minute."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.now: datetime = world.now.replace(second=0, microsecond=0)

    def make(self, *, own: bool = False, **facts: Any) -> Heartbeat:
        """A heartbeat of the first customer each five minutes with a minute's grace, unless told otherwise."""
        settings: dict[str, Any] = {
            "name": "Recording merge",
            "every_s": 300,
            "grace_s": 60,
            "severity": "red",
            **facts,
        }
        customer = None if own else self.world.show
        return create_heartbeat(customer=customer, app=None, facts=HeartbeatFacts(**settings), actor=None, now=self.now)

    def ping(self, heartbeat: Heartbeat, kind: str = "ok", *, look: bool = True, **told: Any) -> Kept:
        """A ping now; then the engine looks, as it does when the front door wakes it."""
        heartbeat.refresh_from_db()
        asked = {"at": self.now.timestamp(), **told}
        done = self.keep([Ping(heartbeat.pk, heartbeat.key_fingerprint, kind=kind, **asked)])
        if look:
            self.look()
        return done

    def keep(self, pings: list[Ping]) -> Kept:
        """Write pings down as the committing thread does."""
        connection.ensure_connection()
        return keep(connection.connection, pings)

    def look(self) -> int:
        """The engine looks, having looked a second before."""
        HeartbeatWatch.objects.update_or_create(pk=1, defaults={"looked_at": self.now - timedelta(seconds=1)})
        return process_due(self.now)

    def wait(self, **span: float) -> int:
        """Time passes with the engine at work: it looks at the end of it."""
        self.now += timedelta(**span)
        return self.look()

    def vanish(self, **span: float) -> int:
        """Time passes with nobody there; then the engine looks for the first time again."""
        HeartbeatWatch.objects.update_or_create(pk=1, defaults={"looked_at": self.now})
        self.now += timedelta(**span)
        return process_due(self.now)


def status(heartbeat: Heartbeat) -> str:
    """Where it stands, as it is stored."""
    return HeartbeatState.objects.get(pk=heartbeat.pk).status


def open_alerts(heartbeat: Heartbeat) -> list[Alert]:
    """Its open alerts."""
    return list(Alert.objects.filter(heartbeat=heartbeat, closed_at__isnull=True))
