"""Maintenance that pages announce. The changes' part of the room says what is planned; pages only show it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Planned:
    """A window of maintenance for the pages of `customers`, or with `is_public` for the public page. `said_at` is when
    it was announced, or moved into this `window`.
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

    def concerns(self, customer_id: int | None) -> bool:
        """Whether the page of this customer (None: the public one) shows it."""
        return self.is_public if customer_id is None else customer_id in self.customers


_told_by: list[Callable[[datetime], list[Planned]]] = []


def planned_is_told_by(ask: Callable[[datetime], list[Planned]]) -> None:
    """Another part says, when it starts, how to ask it for windows that are under way or to come."""
    _told_by.append(ask)


def list_planned(now: datetime) -> list[Planned]:
    """Every window that is not over, the next one first."""
    found = [one for ask in _told_by for one in ask(now) if one.ends_at > now]
    return sorted(found, key=lambda one: one.starts_at)
