"""Reading fields out of somebody else's JSON by paths that staff typed: pure, bounded, no code in it."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused

PATH = re.compile(r"[A-Za-z0-9_@\-]{1,64}(?:\.[A-Za-z0-9_@\-]{1,64}){0,9}\Z")
LONGEST = 2_000


def value_at(body: Any, path: str) -> Any:
    """What stands at `a.b.0.c`; None where it does not."""
    for part in path.split("."):
        if isinstance(body, Mapping):
            body = body.get(part)
        elif isinstance(body, list) and part.isdecimal() and len(part) < 4:
            body = body[int(part)] if int(part) < len(body) else None
        else:
            return None
    return body


def text_at(body: Any, path: str) -> str:
    """The same as a short text; numbers too, everything else is "" ."""
    value = value_at(body, path) if path else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).replace("\x00", "").strip()[:LONGEST]


def checked_map(told: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """A mapping of our names to paths, empty ones left out. Raises Refused with the first path that is none."""
    kept = {name: told.get(name, "").strip() for name in names}
    for name, path in kept.items():
        if path and not PATH.match(path):
            wrong = _("“%(path)s” (%(name)s) is no path: write names with dots between, like data.issue.key.")
            raise Refused(wrong % {"path": path[:80], "name": name})
    return {name: path for name, path in kept.items() if path}


def pairs(text: str) -> dict[str, str]:
    """Lines of `theirs = ours`, at most 100."""
    found: dict[str, str] = {}
    for line in text.replace("\x00", "").splitlines()[:100]:
        left, equals, right = line.partition("=")
        if equals and left.strip():
            found[left.strip().lower()[:80]] = right.strip()[:80]
    return found
