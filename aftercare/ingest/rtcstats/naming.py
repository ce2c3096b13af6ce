"""Which sessions a recording's connections are, and the facts it tells of them."""

from typing import Any

import msgspec

from aftercare.ingest.samples import NO_FACTS, Facts
from aftercare.ingest.seen import hash64
from aftercare.kernel.errors import Refused

LONGEST_SESSION = 64
LONGEST_PEER = 24
# The custom event by which a page says whose call this is: trace(":aftercare", pc or null, {session, stream, user, …}).
TOLD = ":aftercare"


class Told(Facts, frozen=True, forbid_unknown_fields=True):
    """What the custom event, or a dump's metadata, may say."""

    session: str = ""


def read_told(value: Any) -> Told:
    """What a custom event says. Raises Refused with the field that is wrong."""
    try:
        return msgspec.convert(value, Told)
    except (msgspec.ValidationError, RecursionError) as error:
        raise Refused(f"{TOLD}: {error}") from None


def facts_in(told: Facts, before: Facts) -> Facts:
    """The facts after being told these."""
    changes = {name: value for name in Facts.__struct_fields__ if (value := getattr(told, name))}
    return msgspec.structs.replace(before, **changes) if changes else before


def session_name(told: str, recording: str, base: str, peer: str, *, is_first: bool) -> str:
    """The session of a connection: the name it was told, else the recording's, else the recording and its own name.

    A recording's own name belongs to its first connection; two of one name would be mixed into one.
    """
    if fits(told):
        return told
    short = peer if len(peer) <= LONGEST_PEER and peer.isprintable() else f"{hash64(peer):016x}"
    if fits(base):
        return base if is_first else joined(base, short)
    return joined(recording, short)


def fits(name: str) -> bool:
    """Whether a text can name a session."""
    return 0 < len(name) <= LONGEST_SESSION and name.isprintable()


def joined(first: str, second: str) -> str:
    """Both with a slash; a first part that is too long is kept as its hash."""
    name = f"{first}/{second}"
    return name if len(name) <= LONGEST_SESSION else f"{hash64(first):016x}/{second}"


def told_in_metadata(metadata: dict[str, Any]) -> tuple[str, Facts]:
    """Session and facts of a dump's metadata line: `session` of its own or of `authData`, as the token named it."""
    token = metadata.get("authData")
    said = {**(token if isinstance(token, dict) else {}), **metadata}
    session = said.get("session")
    facts = {"user": said.get("user"), "call": said.get("conference")}
    known = {name: value for name, value in facts.items() if isinstance(value, str) and len(value) <= 128}
    return (session if isinstance(session, str) else ""), (Facts(**known) if known else NO_FACTS)
