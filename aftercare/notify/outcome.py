"""What became of one attempt to send."""

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """SENT: accepted. TEMPORARY: surely not accepted, may work later. PERMANENT: will never work. UNKNOWN: the
    provider may or may not have it."""

    SENT = "sent"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    """The verdict of one attempt with the provider's id, or the sentence that says what went wrong."""

    verdict: Verdict
    provider_message_id: str = ""
    error: str = ""


def sent(provider_message_id: str = "") -> Outcome:
    """Accepted by the provider."""
    return Outcome(Verdict.SENT, provider_message_id)


def temporary(error: str) -> Outcome:
    """Surely not accepted; worth another try."""
    return Outcome(Verdict.TEMPORARY, error=error)


def permanent(error: str) -> Outcome:
    """Refused for good."""
    return Outcome(Verdict.PERMANENT, error=error)


def unknown(error: str) -> Outcome:
    """The provider may have it: what happens next depends on the urgency."""
    return Outcome(Verdict.UNKNOWN, error=error)
