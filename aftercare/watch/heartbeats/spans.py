"""Spans of time as people write them: `90 s`, `5 min`, `1 h 30 min`, `1 天`."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _

UNITS = {
    **dict.fromkeys(("", "s", "sec", "秒"), 1),
    **dict.fromkeys(("m", "min", "分", "分钟"), 60),
    **dict.fromkeys(("h", "小时", "时"), 3600),
    **dict.fromkeys(("d", "天", "日"), 86_400),
    **dict.fromkeys(("w", "周"), 7 * 86_400),
}
PART = re.compile(r"(\d{1,9})\s*([a-z]+|[秒分钟小时天日周]+)?\s*", re.I)
WRITTEN = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def read_span(text: str) -> int | None:
    """The seconds that a text says; None where it is no span."""
    total, place = 0, 0
    text = text.strip()
    while place < len(text):
        match = PART.match(text, place)
        unit = (match[2] or "").lower() if match else ""
        if match is None or unit not in UNITS:
            return None
        total += int(match[1]) * UNITS[unit]
        place = match.end()
    return total if text else None


def write_span(seconds: int) -> str:
    """The span as `read_span` reads it, whole: `1 h 30 min`."""
    parts = []
    for size, unit in WRITTEN:
        if seconds >= size:
            parts.append(f"{seconds // size} {unit}")
            seconds %= size
    return " ".join(parts) or "0 s"


class SpanField(forms.CharField):
    """A field for a span of time; its value is whole seconds, None where it is left empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Seconds as people write them."""
        return write_span(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Seconds. Raises ValidationError for a text that is no span."""
        text = super().clean(str(value) if isinstance(value, int) else value)
        seconds = read_span(text) if text else None
        if text and seconds is None:
            raise forms.ValidationError(_("Write a span of time like 90 s, 5 min, 1 h 30 min or 1 d."))
        return seconds
