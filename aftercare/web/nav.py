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
    there is anything behind it, where that is not everybody. `behind` names the door that it stands behind as a tab:
    such a door leads to the first of its tabs that the person may open, and is not there without one.
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
    behind: str = ""


@dataclass(frozen=True)
class Door:
    """A NavItem resolved for one reader."""

    key: str
    label: str
    url: str
    icon: str
    letter: str
    behind: str = ""


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
    first = {tab.behind: tab.url for tab in reversed(tabs_for(user))}
    for item in items_for(user):
        url = first.get(item.key) or address_of(item)
        if item.behind or not url:
            continue
        letter = next((c for c in (item.letter or item.key) if c.isalpha() and c not in taken), "")
        taken.add(letter)
        doors.append(Door(item.key, str(item.label), url, item.icon or item.key, letter))
    return doors


def tabs_for(user: Any) -> list[Door]:
    """What stands behind the doors as tabs, as far as this person may open it, in order."""
    found = [(item, address_of(item)) for item in items_for(user) if item.behind]
    return [Door(item.key, str(item.label), url, "", "", item.behind) for item, url in found if url]


def items_for(user: Any) -> list[NavItem]:
    """The items for this person, in order."""
    return [
        item
        for item in sorted(_items.values(), key=lambda i: (i.order, i.key))
        if is_on_side(user, item.side)
        and is_allowed(user, item.capability)
        and (item.exists_for is None or item.exists_for(user))
    ]


def address_of(item: NavItem) -> str:
    """Where it leads; "" where no room has the address."""
    try:
        return reverse(item.url_name)
    except NoReverseMatch:
        return ""


def current_key(request: HttpRequest, doors: list[Door]) -> str:
    """The key of the door the reader stands behind: what the view said in `request.nav_key`, else the longest match."""
    said = getattr(request, "nav_key", "")
    if said:
        return str(said)
    door = current_door(request, doors)
    return (door.behind or door.key) if door else ""


def current_door(request: HttpRequest, doors: list[Door]) -> Door | None:
    """The door or tab whose address is the longest that this request's begins with."""
    inside = [d for d in doors if request.path == d.url or (d.url != "/" and request.path.startswith(as_folder(d.url)))]
    return max(inside, key=lambda d: (len(d.url), bool(d.behind)), default=None)


def as_folder(url: str) -> str:
    """The address with exactly one slash at its end, so that `/apps` does not claim `/apples`."""
    return url.rstrip("/") + "/"
