"""Small line drawings, 16 × 16, drawn in the colour of the text beside them; never without a word."""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

# ruff: noqa: E501 - paths are drawings, not prose
LINES: dict[str, str] = {
    "now": "M1.5 8h3l2-5 3 10 2-5h3",
    "apps": "M2.5 3.5h11v7h-11zM6 13.5h4M7 5.8v2.6L9.4 7z",
    "sessions": "M2.5 4h6M2.5 8h11M2.5 12h4M10.5 4h3M8.5 12h5",
    "incidents": "M8 2.5 14 13H2zM8 6.5v3M8 11.2v.1",
    "tickets": "M2.5 3h11v8h-6l-3 2.5V11h-2z",
    "oncall": "M8 2.5a3.7 3.7 0 0 1 3.7 3.7c0 3.3 1.3 4.3 1.3 4.3H3s1.3-1 1.3-4.3A3.7 3.7 0 0 1 8 2.5zM6.7 13h2.6",
    "alerts": "M4 14V2.6h8.2l-2 3.2 2 3.2H4",
    "resources": "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.1M5 11h.1M8 5h3M8 11h3",
    "company": "M3 13.5v-10h6v10M9 6.5h4v7M1.8 13.5h12.4M5 6h2M5 8.5h2M5 11h2",
    "notifications": "M2.5 4h11v8h-11zM2.5 4.5 8 9l5.5-4.5",
    "monitors": "M2.5 12.5a5.5 5.5 0 1 1 11 0M8 12.5l2.6-4",
    "probes": "M8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM4.4 11.6a5.1 5.1 0 0 1 0-7.2M11.6 4.4a5.1 5.1 0 0 1 0 7.2M2.3 13.7a8 8 0 0 1 0-11.4M13.7 2.3a8 8 0 0 1 0 11.4",
    "sources": "M2.5 4h4v4h-4zM2.5 10h4v3h-4zM6.5 6h3v5.5h-3M9.5 8.7h4M11.5 6.7l2 2-2 2",
    "heartbeats": "M1.5 8H5l1.6-3 2.4 6 1.6-3h3.9",
    "risks": "M8 2.5 14 13H2zM8 6.5v3M8 11.2v.3",
    "customers": "M3 13.5v-10h6v10M9 6.5h4v7M1.8 13.5h12.4M5 6h2M5 8.5h2M5 11h2",
    "people": "M6 7.5a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6zM2 13c.2-2.4 1.8-3.7 4-3.7s3.8 1.3 4 3.7M10.5 3.2a2.2 2.2 0 0 1 0 4.1M12 9.8c1.2.5 1.9 1.6 2 3.2",
    "keys": "M5.5 7.5a3 3 0 1 0 0 5.9 3 3 0 0 0 0-5.9zM7.7 8.3 13 3M11 5l1.8 1.8M9.2 6.8l1.2 1.2",
    "audit": "M4 2.5h8v11H4zM6 5.5h4M6 8h4M6 10.5h2.5",
    "settings": "M2.5 4.5h7M12 4.5h1.5M2.5 11.5h2M7 11.5h6.5M10.7 3v3M5.7 10v3",
    "design": "M2.5 2.5h4.6v4.6H2.5zM8.9 2.5h4.6v4.6H8.9zM2.5 8.9h4.6v4.6H2.5zM11.2 8.9v4.6M8.9 11.2h4.6",
    "try": "M5 3.2v9.6L13 8z",
    "search": "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.2 3.2",
    "more": "M2.9 8a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0M7.4 8a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0M11.9 8a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0",
    "moon": "M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z",
    "sun": "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1",
    "device": "M2.5 3h11v7.5h-11zM5.5 13.5h5M8 10.5v3",
    "language": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM2 8h12M8 2c2.2 2.2 2.2 9.8 0 12M8 2c-2.2 2.2-2.2 9.8 0 12",
    "clock": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.6",
    "close": "M4 4l8 8M12 4l-8 8",
    "check": "M3 8.5 6.5 12 13 4.5",
    "chevron": "M6 3.5 10.5 8 6 12.5",
    "external": "M6.5 3.5h-3v9h9v-3M9 3.5h3.5V7M12.5 3.5 7.5 8.5",
    "filter": "M2.5 4h11M4.5 8h7M6.5 12h3",
    "phone": "M4.5 1.8h7v12.4h-7zM7 12h2",
    "sign-out": "M6.5 3h-4v10h4M6 8h7.5M10.8 5.2 13.5 8l-2.7 2.8",
    "shield": "M8 2l5 1.8v3.9c0 3-2 5.2-5 6.3-3-1.1-5-3.3-5-6.3V3.8z",
    "keyboard": "M1.5 4h13v8h-13zM4 6.5h.1M6.7 6.5h.1M9.4 6.5h.1M12 6.5h.1M5 9.5h6",
    "attach": "M13 7.2 7.6 12.6a3.2 3.2 0 0 1-4.6-4.6l5.7-5.7a2.1 2.1 0 0 1 3 3L6 11a1 1 0 0 1-1.5-1.5l5-5",
    "dot": "M8 8h.1",
}


def icon(name: str) -> SafeString:
    """The drawing as inline SVG, hidden from screen readers; a name without a drawing gives a dot."""
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        LINES.get(name, LINES["dot"]),
    )


# Each state has a shape of its own, so that it reads in greyscale.
SHAPES: dict[str, str] = {
    "healthy": '<circle cx="6" cy="6" r="4.5"/>',
    "warning": '<path d="M6 1.2 11.3 10.6H.7z"/>',
    "breached": '<path d="M6 .4 11.6 6 6 11.6.4 6z"/>',
    "unknown": '<circle class="hollow" cx="6" cy="6" r="4.4"/><path class="line" d="M3 7.6 7.6 3M4.6 9 9 4.6"/>',
    "maintenance": '<path d="M2.2 1.2h2.8v9.6H2.2zM7 1.2h2.8v9.6H7z"/>',
    "resolved": '<path class="line strong" d="M1.4 6.4 4.6 9.6 10.6 2.8"/>',
    "neutral": '<circle class="hollow" cx="6" cy="6" r="3.6"/>',
}


def shape(state: str) -> SafeString:
    """The state's shape as inline SVG, hidden from screen readers (the word beside it speaks)."""
    drawing = mark_safe(SHAPES[state])  # noqa: S308 - a constant of this module
    return format_html(
        '<svg class="shape" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" focusable="false">{}</svg>',
        drawing,
    )
