"""What became of one attempt to send."""

from dataclasses import dataclass
from enum import Enum

from django.utils.translation import gettext


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


def temporary(sentence: str, detail: str = "") -> Outcome:
    """Surely not accepted; worth another try."""
    return Outcome(Verdict.TEMPORARY, error=joined(sentence, detail))


def permanent(sentence: str, detail: str = "") -> Outcome:
    """Refused for good."""
    return Outcome(Verdict.PERMANENT, error=joined(sentence, detail))


def unknown(sentence: str, detail: str = "") -> Outcome:
    """The provider may have it: what happens next depends on the urgency."""
    return Outcome(Verdict.UNKNOWN, error=joined(sentence, detail))


def joined(sentence: str, detail: str) -> str:
    """`sentence: detail`: what is kept in a delivery's `last_error`; the sentence is a msgid, the detail is not."""
    return f"{sentence}: {detail}" if detail else sentence


def in_readers_words(error: str) -> str:
    """A kept error in the reader's language, its detail as it came."""
    sentence, colon, detail = error.partition(": ")
    return f"{gettext(sentence)}{colon}{detail}" if sentence else ""
