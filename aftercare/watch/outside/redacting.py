"""A refused body as it is kept for people to look at: cut short, its secrets and our own keys taken out."""

import json
import re
from typing import Any

from aftercare.kernel.errors import Refused
from aftercare.watch.outside.payloads import decode

LONGEST_KEPT = 8_000
HIDDEN = "•••"
NAMES = re.compile(r"secret|token|passw|signature|authorization|api_?key|access_?key|private|cookie|credential", re.I)
OUR_KEYS = re.compile(r"\bal_[0-9a-z]{8}_[0-9a-z]+")
IN_ADDRESSES = re.compile(r"(?<=[?&])[^=&?\s\"]{0,40}(?:key|token|secret|sign)[^=&?\s\"]{0,40}=[^&\s\"]+", re.I)


def without_secrets(body: bytes) -> str:
    """The body as text, JSON written out, at most LONGEST_KEPT characters of it."""
    try:
        words = json.dumps(hidden(decode(body)), ensure_ascii=False, indent=1)
    except Refused:
        words = body.decode("utf-8", "replace").replace("\x00", "")
    words = words if len(words) <= LONGEST_KEPT else words[:LONGEST_KEPT] + "…"
    return IN_ADDRESSES.sub(HIDDEN, OUR_KEYS.sub(HIDDEN, words))


def hidden(value: Any) -> Any:
    """The same with what stands under a secret's name replaced."""
    if isinstance(value, dict):
        return {name: HIDDEN if NAMES.search(name) else hidden(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [hidden(inner) for inner in value]
    return value
