"""The settings of a heartbeat as a value."""

from dataclasses import asdict, dataclass
from typing import Any

from aftercare.watch.models import Heartbeat, Severity


@dataclass(frozen=True)
class HeartbeatFacts:
    """A heartbeat's settings; times in seconds. Either `every_s` or `cron`, read on the wall clock of `timezone`.

    `longest_run_s` None takes the grace.
    """

    name: str
    every_s: int | None = None
    cron: str = ""
    timezone: str = "UTC"
    grace_s: int = 300
    longest_run_s: int | None = None
    severity: str = Severity.WARNING

    def as_dict(self) -> dict[str, Any]:
        """The settings as a plain mapping."""
        return asdict(self)


def facts_of(heartbeat: Heartbeat) -> HeartbeatFacts:
    """The settings a heartbeat has now."""
    return HeartbeatFacts(**{name: getattr(heartbeat, name) for name in HeartbeatFacts.__dataclass_fields__})
