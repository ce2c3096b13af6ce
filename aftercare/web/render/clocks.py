"""Running clocks: what is left, or how long it has run, louder in three steps."""

from datetime import datetime
from typing import Literal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from aftercare.web.render.numbers import unknown
from aftercare.web.render.times import duration, exact

Loudness = Literal["calm", "near", "last", "over"]
NEAR_SHARE, LAST_SHARE = 1 / 3, 1 / 6
NEAR_S, LAST_S = 900.0, 300.0


def steps_of(due_at: datetime, started_at: datetime | None) -> tuple[float, float]:
    """Seconds before the due time at which the clock becomes louder: a third and a sixth of it, or 15 and 5 min."""
    if started_at is None:
        return NEAR_S, LAST_S
    total = (due_at - started_at).total_seconds()
    return total * NEAR_SHARE, total * LAST_SHARE


def loudness(left_s: float, near_s: float, last_s: float) -> Loudness:
    """Which of the steps a clock with so much left is on."""
    if left_s <= 0:
        return "over"
    return "last" if left_s <= last_s else "near" if left_s <= near_s else "calm"


def countdown(due_at: datetime | None, now: datetime, started_at: datetime | None = None) -> SafeString:
    """What is left until `due_at` (`12 min 03 s left`, `3 min overdue`), kept running by clocks.js."""
    if due_at is None:
        return unknown()
    near_s, last_s = steps_of(due_at, started_at)
    left = (due_at - now).total_seconds()
    sentence = _("{n} left") if left > 0 else _("{n} overdue")
    return format_html(
        '<time class="clock clock-{}" datetime="{}" title="{}" data-clock="down" data-near="{}" data-last="{}">'
        "{}</time>",
        loudness(left, near_s, last_s),
        due_at.isoformat(),
        exact(due_at, now),
        round(near_s),
        round(last_s),
        sentence.format(n=duration(int(abs(left)), steady=True)),
    )


def stopwatch(since: datetime | None, now: datetime) -> SafeString:
    """How long it has run since `since` (`12 min 03 s`), kept running by clocks.js."""
    if since is None:
        return unknown()
    return format_html(
        '<time class="clock clock-calm" datetime="{}" title="{}" data-clock="up">{}</time>',
        since.isoformat(),
        exact(since, now),
        duration(int(max(0.0, (now - since).total_seconds())), steady=True),
    )
