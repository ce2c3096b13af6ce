"""Facts made fit to keep: identifiers hashed, control characters out, and no dimension with endless values."""

import functools
import re
from collections import defaultdict
from urllib.parse import parse_qsl

import msgspec

from aftercare.ingest.agent import facts_of_agent
from aftercare.ingest.keys import Key
from aftercare.ingest.samples import Facts
from aftercare.kernel.signing import keyed_hash
from aftercare.telemetry.schema.columns import DIMENSIONS

# A dimension with more values than this in a day is no dimension but an identifier in the wrong place.
MOST_VALUES = 2000
OTHER = "(other)"
# What a player's address line may say of its viewers: CMCD has no keys for these.
ADDRESS_FACTS = frozenset(Facts.__struct_fields__) - {"stream", "protocol"}
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Vocabulary:
    """The values of each app's dimensions, today. Values already known are never dropped."""

    def __init__(self) -> None:
        self._day = 0
        self._values: dict[tuple[int, str], set[str]] = defaultdict(set)
        self.warnings: list[tuple[int, str]] = []

    def fit(self, app: int, dimension: str, value: str, now_s: float) -> str:
        """The value, or `(other)` when the dimension has had its fill of new ones today (said in `warnings`)."""
        if int(now_s // 86_400) != self._day:
            self._day = int(now_s // 86_400)
            self._values.clear()
        values = self._values[app, dimension]
        if value in values:
            return value
        if len(values) >= MOST_VALUES:
            self.warnings.append(
                (app, f"{dimension} {value!r}: over {MOST_VALUES} different values today, kept as {OTHER!r}")
            )
            return OTHER
        values.add(value)
        return value

    def clean(self, told: Facts, before: Facts, key: Key, now_s: float) -> Facts:
        """The session's facts after being told these: what is not said stays as it was."""
        changes: dict[str, str] = {}
        for name in told.__struct_fields__:
            value = getattr(told, name)
            if not value:
                continue
            value = CONTROL.sub(" ", value) if not value.isprintable() else value
            if name == "user" and key.user_secret:
                value = keyed_hash(key.user_secret, value).hex()
            elif name in DIMENSIONS:
                value = self.fit(key.app, name, value, now_s)
            if value != getattr(before, name):
                changes[name] = value
        return msgspec.structs.replace(before, **changes) if changes else before


def missing_in(said: Facts, given: Facts) -> Facts:
    """What is given, less what was said already: the sender knows better than its address or its key."""
    known = {name: "" for name in given.__struct_fields__ if getattr(given, name) and getattr(said, name)}
    return msgspec.structs.replace(given, **known) if known else given


@functools.lru_cache(4096)
def given_facts(query: bytes, agent: bytes) -> Facts:
    """What the address line and the browser say of the viewer."""
    told = facts_of_agent(agent)
    if query:
        pairs = parse_qsl(query.decode("latin-1"))
        told = {**told, **{name: value[:128] for name, value in pairs if name in ADDRESS_FACTS}}
    return Facts(**told)


@functools.lru_cache(4096)
def filled(said: Facts, place: Facts) -> Facts:
    """What the sender said, with the place of its address where it said none."""
    return msgspec.structs.replace(said, country=place.country, province=place.province, carrier=place.carrier)


@functools.lru_cache(4096)
def merged(said: Facts, more: Facts) -> Facts:
    """What the sender said, and of the rest what is known of its key."""
    known = {name: value for name in Facts.__struct_fields__ if (value := getattr(said, name))}
    return msgspec.structs.replace(more, **known)
