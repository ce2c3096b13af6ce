"""Maintenance that pages announce. The changes' part of the room says what is planned; pages only show it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

TO_COME, RUNNING, DONE, POSTPONED, CANCELLED = "announced", "running", "done", "postponed", "cancelled"


@dataclass(frozen=True)
class Planned:
    """A window of maintenance for the pages of `customers`, or with `is_public` for the public page. `said_at` is when
    it was announced, or moved into this `window`; `state` is one of the above, since `changed_at` (None: since then).
    """

    ref: str
    window: int
    said_at: datetime
    title: str
    title_zh: str
    starts_at: datetime
    ends_at: datetime
    body: str = ""
    body_zh: str = ""
    customers: frozenset[int] = frozenset()
    is_public: bool = False
    state: str = TO_COME
    changed_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is to come; it is shown a while longer, so that whoever waits for it reads that."""
        return self.state not in (TO_COME, RUNNING)

    def is_under_way(self, now: datetime) -> bool:
        """Whether it is being worked: somebody said so, or it is the time that was announced."""
        return self.state == RUNNING or (self.state == TO_COME and self.starts_at <= now < self.ends_at)

    def concerns(self, customer_id: int | None) -> bool:
        """Whether the page of this customer (None: the public one) shows it."""
        return self.is_public if customer_id is None else customer_id in self.customers


_told_by: list[Callable[[datetime], list[Planned]]] = []


def planned_is_told_by(ask: Callable[[datetime], list[Planned]]) -> None:
    """Another part says, when it starts, how to ask it for the windows that pages show."""
    _told_by.append(ask)


def list_planned(now: datetime) -> list[Planned]:
    """Every window that pages show: the next one first, and after them what is over, the latest first."""
    found = sorted((one for ask in _told_by for one in ask(now)), key=lambda one: one.starts_at)
    over = sorted((one for one in found if one.is_over), key=lambda one: one.changed_at or one.said_at, reverse=True)
    return [one for one in found if not one.is_over] + over
