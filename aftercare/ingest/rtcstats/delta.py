"""Statistics out of their deltas: a report names only what changed since the one before it."""

from collections.abc import Mapping
from typing import Any

from aftercare.ingest.rtcstats.tables import KEPT, KEPT_TYPES, PROPERTIES, TYPES
from aftercare.kernel.errors import Refused

# Of one connection. A call of thirty people has some two hundred.
MOST_OBJECTS = 600
LONGEST_TEXT = 64


class Stats:
    """One connection's statistics as its deltas have left them."""

    def __init__(self) -> None:
        self.objects: dict[str, Mapping[str, Any]] = {}

    def apply(self, delta: Mapping[str, Any]) -> float | None:
        """Take a delta in; returns the report's own time in epoch milliseconds where it tells one.

        An object that is `null` is gone, one that is missing is as it was, of one that is there the named properties
        are new. Numbers for names are those of `tables`. Raises Refused where a connection has too many objects.
        """
        for name, change in delta.items():
            if change is None:
                self.objects.pop(name, None)
            elif isinstance(change, dict):
                self._change(name, change)
        told = delta.get("t", delta.get("timestamp"))
        return float(told) if isinstance(told, int | float) and not isinstance(told, bool) else None

    def _change(self, name: str, change: Mapping[str, Any]) -> None:
        kept = kept_of(change)
        before = self.objects.get(name)
        if before is None:
            if kept.get("type") not in KEPT_TYPES:
                return
            if len(self.objects) >= MOST_OBJECTS or len(name) > LONGEST_TEXT:
                raise Refused(f"this connection has over {MOST_OBJECTS} statistics objects; the new ones are not taken")
            self.objects[name] = kept
        elif kept:
            self.objects[name] = {**before, **kept}


def kept_of(change: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that are read here, by their names."""
    kept: dict[str, Any] = {}
    for short, value in change.items():
        name = PROPERTIES.get(short, short)
        if name not in KEPT:
            continue
        if name == "type" and isinstance(value, int):
            value = TYPES.get(value, "")
        if isinstance(value, int | float) or (isinstance(value, str) and len(value) <= LONGEST_TEXT):
            kept[name] = value
    return kept
