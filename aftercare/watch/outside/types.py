"""A source's settings as a value: what actions take and pages show."""

from dataclasses import asdict, dataclass, field
from typing import Any

from aftercare.watch.models import AlertSource


@dataclass(frozen=True)
class SourceFacts:
    """What of a source can be changed. `silent_after_s` None: an alert never closes by itself."""

    name: str
    mapping: dict[str, str] = field(default_factory=dict)
    severities: dict[str, str] = field(default_factory=dict)
    silent_after_s: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The settings as a plain mapping."""
        return asdict(self)


def facts_of(source: AlertSource) -> SourceFacts:
    """The settings a source has now."""
    return SourceFacts(**{name: getattr(source, name) for name in SourceFacts.__dataclass_fields__})
