"""A small stage for what runs out: rules, a clock, and looks at any time."""

import json
from datetime import datetime, timedelta
from typing import Any

from aftercare.accounts.models import App
from aftercare.kernel.clock import utc_now
from aftercare.watch.models import Risk, RiskRule, RiskSource
from aftercare.watch.probes.actions import create_target
from aftercare.watch.probes.types import ProbeFacts
from aftercare.watch.risks.engine import process_due
from aftercare.watch.risks.rules import create_rule, edit_rule, tell_reading
from aftercare.watch.risks.types import RiskFacts, facts_of

DAY = timedelta(days=1)


class Stage:
    """Everything happens at `now`. The stock of built-in rules is made by the first look."""

    def __init__(self, world: Any, telemetry: Any) -> None:
        self.world, self.telemetry = world, telemetry
        self.now: datetime = world.now.replace(hour=12, minute=0, second=0, microsecond=0)

    def rule(self, *, own: bool = False, app: App | None = None, **facts: Any) -> RiskRule:
        """A rule of the first customer about a licence with a date in 40 days, unless told otherwise."""
        settings: dict[str, Any] = {"name": "Transcoder licence", "kind": "licence", "source": "date", **facts}
        if settings["source"] in ("date", "sdk") and "expires_on" not in settings:
            settings["expires_on"] = (self.now + 40 * DAY).date()
        customer = None if own else self.world.show
        return create_rule(
            customer=customer, app=app, facts=RiskFacts(**settings), owner=None, actor=None, now=self.now
        )

    def edit(self, rule: RiskRule, **facts: Any) -> RiskRule:
        """Change a rule now."""
        rule.refresh_from_db()
        changed = RiskFacts(**{**facts_of(rule).as_dict(), "lead_days": tuple(rule.lead_days), **facts})
        return edit_rule(rule=rule, facts=changed, owner=rule.owner, actor=None, now=self.now)

    def figures(self, rule: RiskRule, values: list[float]) -> None:
        """A figure a day, the last one an hour ago."""
        for age, value in enumerate(reversed(values)):
            self.figure(rule, value, age)

    def figure(self, rule: RiskRule, value: float, days_ago: float = 0) -> None:
        """A figure an hour before so many days ago."""
        at = self.now - timedelta(days=days_ago, hours=1)
        tell_reading(rule=rule, value=value, at=at, actor=None, now=self.now)

    def certificate(self, *, days_left: float, app: App | None = None) -> Any:
        """A probe target of a certificate, and what an agent saw of it an hour ago."""
        facts = ProbeFacts(name="Web", kind="certificate", address="live.starlight.example", every_s=3600)
        target = create_target(app=app or self.world.show_app, facts=facts, actor=None, now=self.now)
        self.saw(target, days_left=days_left)
        return target

    def saw(self, target: Any, *, days_left: float, app: App | None = None, code: str = "ok") -> None:
        """An agent saw that many days left, a minute ago; `app` is whose key it had."""
        app = app or target.app
        expires = (self.now + days_left * DAY).isoformat(timespec="seconds")
        row = {
            "customer": app.customer_id,
            "app": app.pk,
            "ts": self.now - timedelta(minutes=1),
            "session": f"probe/{target.ref}/run{self.now.timestamp()}",
            "event": "leave",
            "role": "probe",
            "code": code,
            "detail": json.dumps({"steps": [], "took_ms": 9, "expires": expires}),
        }
        self.telemetry.add([row])

    def sessions(self, app: App, version: str, count: int) -> None:
        """Sessions that began an hour ago with an SDK's version."""
        row = {
            **{"customer": app.customer_id, "app": app.pk, "ts": self.now - timedelta(hours=1), "opened": 1},
            **{"sdk_version": version, "interval_ms": 10_000, "play_ms": 10_000, "role": "viewer"},
        }
        self.telemetry.add([row | {"session": f"{version}-{n}"} for n in range(count)])

    def look_now(self) -> int:
        """A round of the engine at the time of the wall, by which pages and the API go."""
        self.now = max(self.now, utc_now())
        return self.look()

    def look(self) -> int:
        """A round of the engine."""
        return process_due(self.now)

    def wait(self, **span: float) -> int:
        """Time passes; a round of the engine at its end."""
        self.now += timedelta(**span)
        return self.look()


def risks(**wanted: Any) -> list[Risk]:
    """What was found, oldest first."""
    return list(Risk.objects.filter(**wanted).order_by("pk"))


def history(risk: Risk) -> list[str]:
    """The kinds of a risk's lines, oldest first."""
    return list(risk.deeds.order_by("at", "pk").values_list("kind", flat=True))


FIGURES = {"source": RiskSource.FIGURES, "name": "Traffic package", "kind": "quota", "limit": 1000.0, "unit": "GB"}
BALANCE = {**FIGURES, "name": "Account", "kind": "balance", "limit": 0.0, "falls": True, "unit": "CNY"}
