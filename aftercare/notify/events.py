"""What this room tells the rooms above."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Sent:
    """A delivery that was accepted by its provider (or, for a push, put into the person's stream)."""

    delivery_id: int
    subject_ref: str
    kind: str


@dataclass(frozen=True)
class DeliveriesSent:
    """These went: what landed in one moment is told at once, in the order of its subjects."""

    sent: tuple[Sent, ...]
    at: datetime

    def of_kind(self, kind: str) -> list[Sent]:
        """Those of one kind."""
        return [one for one in self.sent if one.kind == kind]


@dataclass(frozen=True)
class DeliveryFailed:
    """A delivery will not be sent any more; `reason` is a sentence for people."""

    delivery_id: int
    subject_ref: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class ContactAnswered:
    """Somebody answered a message from where it reached them: `answer` is one of `models.Answer`, told once each.

    `detail` is a person's ref or name where it hands over. Who hears this may raise Refused: then nothing was answered,
    and the person is told the sentence.
    """

    delivery_id: int
    subject_ref: str
    user_id: int
    channel: str
    answer: str
    at: datetime
    detail: str = ""
