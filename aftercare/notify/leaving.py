"""Messages to people who do not sign in: what an upper room says of their links when one goes out.

Links that let their holder in are made at that moment and stand in no row.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aftercare.notify.models import Delivery


@dataclass(frozen=True)
class Links:
    """Where the message leads; where its reader ends it (RFC 8058 has mail programs do that with one press); and what
    signs it for a program.
    """

    url: str
    unsubscribe: str = ""
    secret: str = ""


Ask = Callable[[Delivery], Links | None]

_told_by: dict[str, Ask] = {}


def links_are_told_by(kind: str, ask: Ask) -> None:
    """An upper room says, when it starts, whom to ask for the links of deliveries of this kind."""
    _told_by[kind] = ask


def links_of(delivery: Delivery) -> Links | None:
    """Its links; None where nobody says anything of its kind, or its reader is gone."""
    ask = _told_by.get(delivery.kind)
    return ask(delivery) if ask else None
