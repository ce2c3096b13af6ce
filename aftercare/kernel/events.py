"""The event bus between rooms.

A lower room publishes a frozen dataclass; upper rooms subscribe at start-up. Handlers run inside the publisher's
transaction and only write rows, so that no crash can part a cause from its consequence.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

Event = TypeVar("Event")

_handlers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(event_type: type[Event], handler: Callable[[Event], None]) -> None:
    """Call `handler` for every published event of exactly this type. Subscribing twice counts once."""
    if handler not in _handlers[event_type]:
        _handlers[event_type].append(handler)


def publish(event: object) -> None:
    """Hand `event` to its subscribers, in the order they subscribed; an error in one undoes the whole transaction."""
    for handler in _handlers[type(event)]:
        handler(event)
