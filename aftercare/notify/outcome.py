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
    """The verdict of one attempt with the provider's id, or the sentence that says what went wrong.

    `wait_s` is how long the provider asks us to be silent, in the whole account or in this chat alone. `blames_account`
    says that nothing of this account will go until somebody mends it.
    """

    verdict: Verdict
    provider_message_id: str = ""
    error: str = ""
    wait_s: float = 0.0
    waits_for_account: bool = False
    blames_account: bool = False


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


def too_fast(sentence: str, detail: str = "", *, wait_s: float, whole_account: bool) -> Outcome:
    """Not accepted because of a rate limit: silent for `wait_s` seconds, which uses up none of its attempts."""
    error = joined(sentence, detail)
    return Outcome(Verdict.TEMPORARY, error=error, wait_s=max(wait_s, 1.0), waits_for_account=whole_account)


def account_refused(sentence: str, detail: str = "") -> Outcome:
    """Refused for good because of the account itself: its key, its rights."""
    return Outcome(Verdict.PERMANENT, error=joined(sentence, detail), blames_account=True)


def joined(sentence: str, detail: str) -> str:
    """`sentence: detail`: what is kept in a delivery's `last_error`; the sentence is a msgid, the detail is not."""
    return f"{sentence}: {detail}" if detail else sentence


def in_readers_words(error: str) -> str:
    """A kept error in the reader's language, its detail as it came."""
    sentence, colon, detail = error.partition(": ")
    return f"{gettext(sentence)}{colon}{detail}" if sentence else ""
