"""Times and durations in words: relative and exact together, in the reader's zone."""

from datetime import datetime, timedelta, tzinfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

JUST_NOW_S = 5
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


def zone_label(at: datetime) -> str:
    """`UTC+8`, `UTC+5:30` or `UTC` for an aware datetime."""
    offset = at.utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}{f':{rest:02}' if rest else ''}"


def relative(at: datetime, now: datetime) -> str:
    """How long ago, or how long until: `4 min ago`, `in 2 h`."""
    ahead = (at - now).total_seconds()
    size, n = sized(abs(ahead))
    if abs(ahead) < JUST_NOW_S:
        return _("just now") if ahead <= 0 else _("in a moment")
    past = {"s": _("{n} s ago"), "min": _("{n} min ago"), "h": _("{n} h ago"), "d": _("{n} d ago")}
    future = {"s": _("in {n} s"), "min": _("in {n} min"), "h": _("in {n} h"), "d": _("in {n} d")}
    return (future if ahead > 0 else past)[size].format(n=n)


def sized(seconds: float) -> tuple[str, int]:
    """The largest unit that tells the span without a fraction, and the count; hours up to two days."""
    if seconds < MINUTE_S:
        return "s", int(seconds)
    if seconds < HOUR_S:
        return "min", int(seconds // MINUTE_S)
    if seconds < 2 * DAY_S:
        return "h", int(seconds // HOUR_S)
    return "d", int(seconds // DAY_S)


def exact(at: datetime, now: datetime, zone: tzinfo | None = None, seconds: bool = True) -> str:
    """`21:03:12 UTC+8`, with the date before it on another day and the year in another year."""
    local = timezone.localtime(at, zone)
    today = timezone.localtime(now, zone)
    clock = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    parts = [clock, zone_label(local)]
    if local.date() != today.date():
        parts.insert(0, day(local, with_year=local.year != today.year))
    return " ".join(parts)


def day(local: datetime, with_year: bool = False) -> str:
    """The calendar day: `23 Nov`, `11月23日`; with the year where it could be another."""
    if (get_language() or "").startswith("zh"):
        return date_format(local, "Y年n月j日" if with_year else "n月j日")
    return date_format(local, "j M Y" if with_year else "j M")


def duration(seconds: float | None, *, steady: bool = False) -> str:
    """A span in its two largest units: `840 ms`, `3 min 12 s`, `1 h 04 min`, `2 d 3 h`; "" for None.

    `steady` keeps a zero second part (`5 min 00 s`), so that a running clock does not change its width.
    """
    if seconds is None:
        return ""
    if 0 < abs(seconds) < 1:
        return _("{n} ms").format(n=round(seconds * 1000))
    if abs(seconds) < 10 and seconds != int(seconds):
        return _("{n} s").format(n=f"{seconds:.1f}")
    whole = round(abs(seconds))
    sign = "−" if seconds < 0 else ""
    for size, text, rest_size, rest_text, width in (
        (DAY_S, _("{n} d"), HOUR_S, _("{n} h"), 1),
        (HOUR_S, _("{n} h"), MINUTE_S, _("{n} min"), 2),
        (MINUTE_S, _("{n} min"), 1, _("{n} s"), 2),
    ):
        if whole >= size:
            n, rest = divmod(whole, size)
            tail = f" {rest_text.format(n=f'{rest // rest_size:0{width}}')}" if steady or rest // rest_size else ""
            return f"{sign}{text.format(n=n)}{tail}"
    return sign + _("{n} s").format(n=whole)
