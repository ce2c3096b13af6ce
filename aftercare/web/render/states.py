"""States and severities: a shape, a word and a colour each."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext_lazy

from aftercare.web.render.icons import SHAPES, shape

WORDS = {
    "healthy": pgettext_lazy("state", "Healthy"),
    "warning": pgettext_lazy("state", "Warning"),
    "breached": pgettext_lazy("state", "Breached"),
    "unknown": pgettext_lazy("state", "Unknown"),
    "maintenance": pgettext_lazy("state", "In maintenance"),
    "resolved": pgettext_lazy("state", "Resolved"),
    "neutral": "",
}

# A severity is a state to look at and a word of its own.
SEVERITIES = {
    "red": ("breached", pgettext_lazy("state", "Red line")),
    "warning": ("warning", pgettext_lazy("state", "Warning")),
    "P1": ("breached", "P1"),
    "P2": ("warning", "P2"),
    "P3": ("neutral", "P3"),
    "P4": ("neutral", "P4"),
}


def known_state(name: str) -> str:
    """The name when it is a state of ours, else `unknown`: a state nobody has drawn is never shown as fine."""
    return name if name in SHAPES else "unknown"


def state(name: str, label: str = "", *, quiet: bool = False) -> SafeString:
    """A badge; `label` replaces the state's own word, `quiet` leaves the box out (shape and word only)."""
    key = known_state(name)
    return format_html(
        '<span class="state state-{}{}">{}<span class="state-word">{}</span></span>',
        key,
        " state-quiet" if quiet else "",
        shape(key),
        label or WORDS[key],
    )


def severity(name: str, label: str = "") -> SafeString:
    """A severity's badge, filled where it must be seen first."""
    tone, word = SEVERITIES.get(name, ("unknown", name))
    return format_html(
        '<span class="state state-{} severity severity-{}">{}<span class="state-word">{}</span></span>',
        tone,
        name.lower(),
        shape(tone),
        label or word,
    )
