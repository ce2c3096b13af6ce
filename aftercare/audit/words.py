"""What the actions in the audit are called; every room names its own when it starts."""

from collections.abc import Mapping

from django.utils.functional import Promise

_names: dict[str, str | Promise] = {}


def name_actions(names: Mapping[str, str | Promise]) -> None:
    """Give actions ("ticket.reply") a lazy translation; an action without one is shown by its code."""
    _names.update(names)


def action_name(action: str) -> str:
    """The action in the reader's language."""
    return str(_names.get(action, action))


def named_actions() -> list[tuple[str, str]]:
    """Every named action with its name, by code."""
    return [(code, str(name)) for code, name in sorted(_names.items())]
