"""What clocks are called, and why time was counted or was not, in the reader's language."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from aftercare.clocks.types import Segment

# Labels that come out of calendars by themselves; people's own labels and the names of holidays are as they are.
MAKE_UP_DAY = gettext_noop("make-up working day")

WHY: dict[str, str | Promise] = {
    "open": gettext_lazy("counted: within opening hours"),
    "closed": gettext_lazy("not counted: outside opening hours"),
    "holiday": gettext_lazy("not counted: closed that day"),
    "paused": gettext_lazy("not counted: paused"),
}

_kinds: dict[str, str | Promise] = {}


def name_kinds(names: Mapping[str, str | Promise]) -> None:
    """At start-up, whoever starts clocks of a kind ("group_reply") says what people call them; lazily translated."""
    _kinds.update(names)


def kind_name(kind: str) -> str:
    """The kind in the reader's language; its code where nobody named it."""
    return str(_kinds.get(kind, kind))


def why(segment: Segment) -> str:
    """Why this stretch counted or did not: "not counted: closed that day (National Day)"."""
    said = str(WHY.get(segment.why, segment.why))
    return f"{said} ({label(segment.label)})" if segment.label else said


def label(text: str) -> str:
    """A day's label in the reader's language, as far as it is one of ours."""
    return _(text) if text == MAKE_UP_DAY else text
