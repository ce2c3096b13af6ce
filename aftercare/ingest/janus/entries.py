"""A body of Janus events as entries, also where a relay wrote what is no JSON: `NaN` and its like."""

import json
from collections.abc import Callable
from typing import Any

import msgspec

from aftercare.ingest.reading import MOST_LINES, UNREADABLE, require_few_lines
from aftercare.kernel.errors import Refused

_decoder = msgspec.json.Decoder()


class NotANumber:
    """Stands where a body said `NaN`, `Infinity` or `-Infinity`."""

    def __init__(self, word: str) -> None:
        self.word = word


def entries_of(body: bytes) -> list[Any]:
    """The events of a body: one object, or an array of them. Raises Refused where there is no telling them apart."""
    try:
        found = _decoder.decode(body)
    except UNREADABLE as error:
        found = lenient(body, f"this is not JSON: {error}")
    entries = found if isinstance(found, list) else [found]
    if len(entries) > MOST_LINES:
        require_few_lines(len(entries))
    return entries


def lenient(body: bytes, otherwise: str) -> Any:
    """The body with a `NotANumber` where it has such words. Raises Refused with the sentence where it is no JSON."""
    if not any(word in body for word in (b"NaN", b"Infinity")):
        raise Refused(otherwise)
    constant: Callable[[str], Any] = NotANumber
    try:
        found = json.loads(body, parse_constant=constant)
        # Half a surrogate pair is taken for text by this reader alone; nothing later could write it down.
        json.dumps(found, default=lambda constant: constant.word, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refused(otherwise) from None
    return found
