"""What events are read with: JSON objects, query strings and forms, their fields, addresses of clients."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from aftercare.ingest.facts import filled, merged
from aftercare.ingest.reading import UNREADABLE
from aftercare.ingest.samples import Facts
from aftercare.ingest.sources.source import Asked
from aftercare.kernel.errors import Refused

Fields = Mapping[str, Any]
LONGEST_TEXT = 128
MOST_FIELDS = 200


def object_of(body: bytes) -> dict[str, Any]:
    """The JSON object of a body, whatever its content type says. Raises Refused."""
    try:
        found = msgspec.json.decode(body)
    except UNREADABLE as error:
        raise Refused(f"the body is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Refused("the body is JSON, but no object with an event in it")
    return found


def form_of(text: bytes) -> dict[str, str]:
    """The arguments of a query string or form; of several of one name the first. Raises Refused for too many."""
    try:
        pairs = parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Refused(f"over {MOST_FIELDS} arguments are no event") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found


def text(fields: Fields, *names: str) -> str:
    """The first of these fields that says something, as a text of at most 128 characters; numbers as they are."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)[:LONGEST_TEXT]
    return ""


def number(fields: Fields, name: str, *, most: int = 10**15) -> int:
    """A field as a whole number, 0 where it is none, negative or beyond all reason."""
    value = fields.get(name)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        return 0
    return int(value)


def required(fields: Fields, *names: str) -> str:
    """Like `text`. Raises Refused where none of the fields says anything."""
    found = text(fields, *names)
    if not found:
        raise Refused(f"{' or '.join(names)} is missing: without it the event cannot be counted")
    return found


def part(fields: Fields, name: str) -> dict[str, Any]:
    """An object inside. Raises Refused where there is none."""
    found = fields.get(name)
    if not isinstance(found, dict):
        raise Refused(f"{name} is missing: the event has no content")
    return found


def facts_of(asked: Asked, facts: Facts, address: str = "") -> Facts:
    """Facts with the place of the client's address, and what the key itself says where the event does not."""
    if address and not asked.places.is_empty:
        facts = filled(facts, asked.places.find(host_of(address)))
    return merged(facts, asked.key.facts) if asked.key.resource else facts


def host_of(address: str) -> str:
    """An address without the port behind it."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def scheme_of(url: str) -> str:
    """The protocol of an address, empty where it tells none."""
    scheme, found, _ = url.partition("://")
    return scheme.lower()[:16] if found and scheme.isalnum() else ""
