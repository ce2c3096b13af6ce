"""A night in which alerts come and go, with the engine that looks at what was held back."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aftercare.incidents import engine
from aftercare.incidents.models import HeldBack, Silence
from aftercare.incidents.noise.actions import make_silence
from aftercare.incidents.noise.matching import Match
from aftercare.incidents.tests.scene import close_alert, open_alert
from aftercare.kernel.events import publish
from aftercare.watch.events import AlertOpened
from aftercare.watch.models import Alert, Severity
from tests.paging.night import Night


@dataclass
class Noise:
    """What goes off is of Starlight Live unless said otherwise."""

    night: Night
    rows: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The instant that it is."""
        return self.night.now

    def opens(self, **more: Any) -> Alert:
        """A red alert of a new rule."""
        return open_alert(self.night.world, at=self.now, **more)

    def opens_again(self, alert: Alert) -> Alert:
        """The rule of an alert that closed goes off again."""
        fields = {f.name: getattr(alert, f.name) for f in Alert._meta.concrete_fields if f.name not in ("id", "ref")}
        again = Alert.objects.create(**{**fields, "opened_at": self.now, "closed_at": None, "close_reason": ""})
        publish(AlertOpened(alert_id=again.pk, at=self.now))
        return again

    def closes(self, alert: Alert) -> None:
        """It recovers."""
        close_alert(alert, at=self.now)

    def wait(self, seconds: float) -> None:
        """Time passes; the engines look at its end."""
        self.night.pass_by(seconds)
        self.look()

    def look(self) -> None:
        """Everything that is due is done."""
        while engine.process_due(self.now):
            pass
        self.night.wait(3)

    def silence(self, match: Match | None = None, *, lasts: timedelta = timedelta(hours=1), **more: Any) -> Silence:
        """Ada silences the app, because its encoder is replaced."""
        return make_silence(
            reason=more.pop("reason", "The encoder is being replaced"),
            match=match or Match(app=self.night.world.show_app.ref),
            holds_red=more.pop("holds_red", True),
            starts_at=None,
            ends_at=self.now + lasts,
            actor=self.night.world.ada,
            now=self.now,
        )


def warning(**more: Any) -> dict[str, Any]:
    """Of an alert that is none to wake anybody for."""
    return {"severity": Severity.WARNING, **more}


def held(alert: Alert) -> HeldBack:
    """What was kept of it."""
    return HeldBack.objects.get(alert=alert)
