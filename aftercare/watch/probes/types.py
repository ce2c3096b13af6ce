"""The settings of a probe target as a value."""

from dataclasses import asdict, dataclass, field
from typing import Any

from aftercare.watch.models import ProbeKind, ProbeTarget

PLAYS = frozenset({ProbeKind.HLS, ProbeKind.FLV, ProbeKind.RTMP, ProbeKind.WHEP})
PUSHES = frozenset({ProbeKind.WHIP, ProbeKind.RTMP_PUSH, ProbeKind.SRT_PUSH})


@dataclass(frozen=True)
class ProbeFacts:
    """A target's settings; `every_s` in seconds."""

    name: str
    kind: str
    address: str
    every_s: int = 60
    expectations: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The settings as a plain mapping."""
        return asdict(self)


def facts_of(target: ProbeTarget) -> ProbeFacts:
    """The settings a target has now."""
    return ProbeFacts(**{name: getattr(target, name) for name in ProbeFacts.__dataclass_fields__})
