"""What this room tells the rooms above."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PageAcknowledged:
    """Somebody has it; `user_id` is None when the system acknowledged by itself."""

    page_id: int
    subject_ref: str
    user_id: int | None
    at: datetime


@dataclass(frozen=True)
class Reached:
    """A page that was accepted by a channel on its way to a person."""

    page_id: int
    subject_ref: str
    user_id: int
    channel: str


@dataclass(frozen=True)
class PagesDelivered:
    """These pages got through: what went in one moment is told at once, in the order of its subjects."""

    reached: tuple[Reached, ...]
    at: datetime


@dataclass(frozen=True)
class PageEscalated:
    """The page went past its first step, or on to the next person because somebody cannot take it.

    `user_ids` are the people notified now; `by_user_id` is who passed it on, None when the time ran out.
    """

    page_id: int
    subject_ref: str
    user_ids: tuple[int, ...]
    by_user_id: int | None
    at: datetime


@dataclass(frozen=True)
class PageHandedOver:
    """Somebody gave the page to a certain colleague, who is woken now."""

    page_id: int
    subject_ref: str
    by_user_id: int
    to_user_id: int
    at: datetime


@dataclass(frozen=True)
class PageResolveAsked:
    """Somebody says by a page that what it is about is over: whose room that is ends it as if they did so on its page.

    The page is not locked. Raise Refused where they may not, or where it is not over; then nothing happens.
    """

    page_id: int
    subject_ref: str
    user_id: int
    via: str
    at: datetime
