"""What one alert of a payload says, before it is known how loudly its source wants it heard."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused

LONGEST_SHOWN = 60
IGNORED = "ignored"


class State(StrEnum):
    """Whether it goes on. `neither`: its system cannot tell, which is not the same as recovered."""

    FIRING = "firing"
    OVER = "over"
    NEITHER = "neither"


@dataclass(frozen=True)
class Said:
    """One alert of a payload; `level` is what its system calls the severity, "" where it says none."""

    fingerprint: str
    state: State
    title: str = ""
    level: str = ""
    body: str = ""
    labels: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""
    is_once: bool = False


@dataclass(frozen=True)
class Format:
    """How a kind of source is read.

    `items` gives the alerts of a payload, `read` one of them; both raise Refused with the sentence why not. `levels` is
    the kind's own table from levels in small letters to red, warning or ignored; what it does not name is a warning.
    `left_out` tells how many alerts the sender itself says it cut off.
    """

    items: Callable[[Any, Mapping[str, Any]], list[Any]]
    read: Callable[[Any, Mapping[str, Any]], Said]
    levels: Mapping[str, str]
    left_out: Callable[[Any], int] = lambda payload: 0


def object_of(value: Any) -> dict[str, Any]:
    """A JSON object. Raises Refused for anything else."""
    if not isinstance(value, dict):
        raise Refused(_("An alert must be a JSON object, not %(what)s.") % {"what": shown(value)})
    return value


def part(value: Any, name: str) -> dict[str, Any]:
    """An object inside an object; empty where there is none."""
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def text(value: Any) -> str:
    """A scalar as text; "" for null and for what has parts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() if isinstance(value, str | int | float) else ""


def needed(value: Any, name: str) -> str:
    """The text of a field that must be there. Raises Refused."""
    found = text(value)
    if not found:
        raise Refused(_("“%(name)s” is missing or empty.") % {"name": name})
    return found


def one_of(value: Any, name: str, states: Mapping[str, State]) -> State:
    """The state that a field tells. Raises Refused for a value that the format does not have."""
    found = states.get(text(value).lower())
    if found is None:
        known = ", ".join(sorted(states))
        values = {"name": name, "value": shown(value), "known": known}
        raise Refused(_("“%(name)s” is %(value)s; known are %(known)s.") % values)
    return found


def lines(*told: str) -> str:
    """Those of the texts that say anything and were not said before, each on its own line."""
    return "\n".join(dict.fromkeys(one for one in told if one))


def hashed(*parts: Any) -> str:
    """One fingerprint out of what together names an alert."""
    told = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def shown(value: Any) -> str:
    """A value as a sentence shows it, cut short."""
    told = json.dumps(value, ensure_ascii=False, default=str)
    return told if len(told) <= LONGEST_SHOWN else told[: LONGEST_SHOWN - 1] + "…"
