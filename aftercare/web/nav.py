"""The rooms of the house as the rail shows them: each room registers its doors in its AppConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

Side = Literal["provider", "customer", "both"]
Gate = Callable[[Any, str], bool]


@dataclass(frozen=True)
class NavItem:
    """One door: shown to people of `side` who hold `capability` ("" for everybody); lower `order` comes first.

    `letter` opens it after `g`; `icon` names one of web.icons (the key's own when left out); `exists_for` says for whom
    there is anything behind it, where that is not everybody.
    """

    key: str
    label: str | Promise
    url_name: str
    capability: str = ""
    side: Side = "both"
    order: int = 100
    icon: str = ""
    letter: str = ""
    exists_for: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Door:
    """A NavItem resolved for one reader."""

    key: str
    label: str
    url: str
    icon: str
    letter: str


_items: dict[str, NavItem] = {}
_gates: list[Gate] = []


def register(item: NavItem) -> None:
    """Put an item in the rail; registering the same key again replaces it."""
    _items[item.key] = item


def use_gate(gate: Gate) -> None:
    """Hand in `can(user, capability)`. Until it is there, items that need a capability stay hidden."""
    _gates[:] = [gate]


def is_allowed(user: Any, capability: str) -> bool:
    """Whether the person holds the capability, as the room of accounts says."""
    return not capability or any(gate(user, capability) for gate in _gates)


def is_on_side(user: Any, side: Side) -> bool:
    """Whether an item of this side is for this person: staff are the provider's, everybody else a customer's."""
    return side == "both" or (side == "provider") == bool(getattr(user, "is_provider", False))


def doors_for(user: Any) -> list[Door]:
    """The doors this person may open, in order; one whose address does not exist is left out."""
    doors: list[Door] = []
    taken: set[str] = set()
    for item in sorted(_items.values(), key=lambda i: (i.order, i.key)):
        if not (is_on_side(user, item.side) and is_allowed(user, item.capability)):
            continue
        if item.exists_for is not None and not item.exists_for(user):
            continue
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:
            continue
        letter = next((c for c in (item.letter or item.key) if c.isalpha() and c not in taken), "")
        taken.add(letter)
        doors.append(Door(item.key, str(item.label), url, item.icon or item.key, letter))
    return doors


def current_key(request: HttpRequest, doors: list[Door]) -> str:
    """The key of the door the reader stands behind: what the view said in `request.nav_key`, else the longest match."""
    said = getattr(request, "nav_key", "")
    if said:
        return str(said)
    inside = [d for d in doors if request.path == d.url or (d.url != "/" and request.path.startswith(as_folder(d.url)))]
    return max(inside, key=lambda d: len(d.url)).key if inside else ""


def as_folder(url: str) -> str:
    """The address with exactly one slash at its end, so that `/apps` does not claim `/apples`."""
    return url.rstrip("/") + "/"
