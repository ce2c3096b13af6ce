"""The settings of a monitor and what an alert from elsewhere says, as values: what actions take and pages show."""

from dataclasses import asdict, dataclass, field
from typing import Any

from aftercare.accounts.models import App
from aftercare.watch.models import Alert, Kind, Monitor, NoData, Sensitivity, Severity


@dataclass(frozen=True)
class MonitorFacts:
    """A monitor's settings. `window_s` is in seconds; `min_volume` None takes the metric's own floor.

    `threshold` is None for the kinds that have none (models.KINDS_WITH_THRESHOLD).
    `metric` is a key of the catalog or of a measurement, whose readings have `unit` (UCUM).
    """

    metric: str
    comparison: str
    threshold: float | None
    window_s: int = 60
    filters: dict[str, str] = field(default_factory=dict)
    min_volume: float | None = None
    fire_after: int = 2
    resolve_after: int = 6
    severity: str = Severity.WARNING
    no_data: str = NoData.KEEP
    enabled: bool = True
    unit: str = ""
    kind: str = Kind.THRESHOLD
    sensitivity: str = Sensitivity.NORMAL

    def as_dict(self) -> dict[str, Any]:
        """The settings as a plain mapping, as the audit keeps them."""
        return asdict(self)


@dataclass(frozen=True)
class Told:
    """What somebody else's monitoring says of one trouble. Plain text all of it; `link` is http(s) or empty.

    An origin has one open alert of a `fingerprint`. `is_once` says that this fingerprint names one occurrence: once
    recovered it never fires again, so that what is said of it later, or again, opens nothing.
    """

    fingerprint: str
    title: str
    title_zh: str = ""
    body: str = ""
    severity: str = Severity.WARNING
    labels: dict[str, str] = field(default_factory=dict)
    link: str = ""
    is_once: bool = False


@dataclass(frozen=True)
class AllApps:
    """All apps of a customer, as telemetry is asked for them: none has the number 0."""

    customer_id: int
    pk: int = 0


def apps_of(asked: Monitor | Alert) -> App | AllApps:
    """Whose figures a monitor or a measured alert is about; the provider's own systems have none."""
    return asked.app or AllApps(asked.customer_id or 0)


def facts_of(monitor: Monitor) -> MonitorFacts:
    """The settings a monitor has now."""
    return MonitorFacts(**{name: getattr(monitor, name) for name in MonitorFacts.__dataclass_fields__})
