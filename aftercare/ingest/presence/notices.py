"""A notice: one thing that a server or a vendor tells of somebody's session, as it is kept in the raw row's detail."""

from collections.abc import Callable
from typing import Literal

import msgspec
from msgspec import Struct

from aftercare.ingest.keys import Key
from aftercare.ingest.samples import NO_FACTS, Facts
from aftercare.ingest.seen import hash64
from aftercare.kernel.signing import keyed_hash

Kind = Literal["open", "alive", "mark", "close"]

FOREVER = 10**15
"""The grace of a thing whose name never comes again: whatever is told of it is told of one session."""
# What a session without a heartbeat may be silent for before nobody is taken to be there any more.
SILENT_PUSH_MS = 12 * 3_600_000
SILENT_PLAY_MS = 4 * 3_600_000
# With heartbeats (every 30 s where nobody set it otherwise) four missed ones say enough.
SILENT_BEAT_MS = 120_000
LONGEST_THING = 54  # so that a session's name, the thing and when it began, stays within 64 characters


class Notice(Struct, frozen=True, order=True, omit_defaults=True, gc=False):
    """What is told of `thing`: a connection, a user in a room. One thing may have several sessions, one after another.

    `at` is when it happened, in epoch ms: by the sender's clock where it tells one, else when it arrived.
    """

    thing: str
    kind: Kind
    at: int
    event: str = ""
    """The event that it becomes, of `telemetry.schema.columns.EVENTS`; empty for one that only says who is there."""
    code: str = ""
    begin: int = 0
    """When the session began, where the notice itself tells; 0 where it does not."""
    medium: str = ""
    """Of a push inside a room: what is pushed, so that its end is known for the end of that."""
    is_weak: bool = False
    """A close that also comes for what was never a session: on its own it makes none."""
    is_broken: bool = False
    """A close against somebody's will: pushes that were still open in it are broken, not ended."""
    bytes: int = 0
    grace_ms: int = 0
    """How far an open may come after its close, and how soon a second open or close is the first one told again."""
    silent_ms: int = SILENT_PLAY_MS
    is_present: bool = True
    """Whether its time counts as somebody's presence; not where another thing's session tells the same person's."""


class Told(Struct, gc=False):
    """A notice on its way into the store, with what is not kept in the detail."""

    notice: Notice
    line: int
    """What makes it the same notice when it is told again."""
    facts: Facts = NO_FACTS


encode: Callable[[Notice], bytes] = msgspec.json.Encoder().encode
decode: Callable[[str], Notice] = msgspec.json.Decoder(Notice).decode


def told(notice: Notice, facts: Facts, identity: str = "") -> Told:
    """A notice with its line hash: by `identity` where the sender gives it one, else by all that it says."""
    said = f"{notice.thing}\n{identity}" if identity else encode(notice).decode()
    return Told(notice, hash64(said) or 1, facts)


def thing_of(*parts: object) -> str:
    """A readable name for a thing out of its parts; one that is too long, or has no text fit to show, is hashed."""
    name = "/".join(str(part) for part in parts if part != "")
    if len(name) <= LONGEST_THING and name.isprintable():
        return name
    return f"{parts[0]}/{hash64(name):016x}"


def secret_thing_of(key: Key, source: str, *parts: object) -> str:
    """A name that hides its parts, for things that are named by a user: under the customer's own secret."""
    return f"{source}/{keyed_hash(key.user_secret or b'', chr(10).join(str(part) for part in parts)).hex()}"


def of_resource(key: Key, thing: str) -> str:
    """The thing among those of the provider's own resources, which share one app number."""
    return thing_of(key.resource, thing) if key.resource else thing
