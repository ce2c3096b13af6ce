"""The design system's tags: `{% load web %}`. Each is shown in all its states on the page /design."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from aftercare.kernel.clock import utc_now
from aftercare.web import assets
from aftercare.web.paging import PARAMETER, Page
from aftercare.web.reader import zone_named
from aftercare.web.render import clocks, icons, numbers, spark, states, times
from aftercare.web.render.numbers import Number

register = template.Library()


def given(value: Any) -> Any:
    """The value, or None for the empty string that a template makes of a name it does not know."""
    return None if value == "" else value


@register.simple_tag
def when(at: datetime | None, zone: str = "", show: str = "both") -> SafeString:
    """`4 min ago · 21:03:12 UTC+8`; `show` is both, relative or exact (the rest goes into the title).

    `zone` is somebody else's IANA zone, whose time is written beside where it differs from the reader's.
    """
    if not at:
        return numbers.unknown()
    now = utc_now()
    ago, sharp = times.relative(at, now), times.exact(at, now)
    other = zone_named(zone) if zone else None
    theirs = times.exact(at, now, other, seconds=False) if other else ""
    if theirs and theirs.rsplit(" ", 1)[-1] == sharp.rsplit(" ", 1)[-1]:
        theirs = ""
    parts = []
    if show != "exact":
        parts.append(format_html("<span data-relative>{}</span>", ago))
    if show != "relative":
        parts.append(format_html('<span class="when-exact">{}</span>', sharp))
    if theirs:
        parts.append(format_html('<span class="when-theirs">{}</span>', theirs))
    return format_html(
        '<time class="when" datetime="{}" title="{}" data-when>{}</time>',
        at.isoformat(timespec="seconds"),
        ago if show == "exact" else sharp,
        SafeString('<span class="sep" aria-hidden="true"> · </span>'.join(parts)),
    )


@register.simple_tag
def countdown(due_at: datetime | None, started_at: datetime | None = None) -> SafeString:
    """A running clock that shows what is left and becomes louder in three steps."""
    return clocks.countdown(given(due_at), utc_now(), given(started_at))


@register.simple_tag
def stopwatch(since: datetime | None) -> SafeString:
    """A running clock that shows how long something has lasted."""
    return clocks.stopwatch(given(since), utc_now())


@register.filter
def duration(seconds: float | None) -> str | SafeString:
    """Seconds in words: `3 min 12 s`; the unknown state for None."""
    return numbers.unknown() if given(seconds) is None else times.duration(seconds)


@register.simple_tag
def amount(value: Number | None, unit: str = "", digits: int | None = None, short: bool = False) -> SafeString:
    """A number with its unit; None and NaN show `— no data`, never 0. `short` writes 12.5k or 1.25 万."""
    return numbers.amount(given(value), unit, given(digits), short)


@register.simple_tag
def rate(
    value: Number | None,
    volume: Number | None,
    noun: str = "",
    unit: str = "%",
    digits: int = 1,
    floor: Number | None = None,
) -> SafeString:
    """A rate (already in `unit`) with its volume under it.

    `noun` says what was counted, `floor` is the least volume for a verdict.
    """
    return numbers.rate(given(value), given(volume), unit=unit, digits=digits, noun=str(noun), floor=given(floor))


@register.simple_tag
def state(name: str, label: str = "", quiet: bool = False) -> SafeString:
    """A state's badge: healthy, warning, breached, unknown, maintenance, resolved or neutral."""
    return states.state(name, str(label), quiet=quiet)


@register.simple_tag
def severity(name: str, label: str = "") -> SafeString:
    """A severity's badge: red, warning, P1, P2, P3, P4."""
    return states.severity(name, str(label))


@register.simple_tag
def sparkline(
    values: Sequence[Number | None], unit: str = "", threshold: Number | None = None, tone: str = ""
) -> SafeString:
    """A small picture of a series; None leaves a gap."""
    return spark.sparkline(values, unit=unit, threshold=given(threshold), tone=tone)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A line drawing in the text's colour; put a word beside it."""
    return icons.icon(name)


@register.simple_tag
def url_if_named(name: str, *args: Any) -> str:
    """The address of a named route, "" when no room has it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.simple_tag
def path_if_mounted(path: str) -> str:
    """The path itself when some room answers it, else ""."""
    try:
        resolve(path)
    except Resolver404:
        return ""
    return path


@register.simple_tag
def stylesheet_url() -> str:
    """The address of all the frame's styles in one file."""
    return assets.url_of(assets.STYLES)


@register.simple_tag
def script_url() -> str:
    """The address of all the frame's scripts in one file."""
    return assets.url_of(assets.SCRIPTS)


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """This page's query string with some parameters replaced; None or "" drops one, and the page number is dropped."""
    request: HttpRequest | None = context.get("request")
    parameters = request.GET.copy() if request else QueryDict(mutable=True)
    parameters.pop(PARAMETER, None)
    for name, value in changes.items():
        if value in (None, ""):
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    return f"?{parameters.urlencode()}"


@register.inclusion_tag("web/components/pagination.html")
def pagination(page: "Page[Any]", noun: str = "") -> dict[str, Any]:
    """The foot of a list: how many, which ones, and the way on."""
    return {"page": page, "noun": noun}


@register.inclusion_tag("web/components/tabs.html")
def tabs(items: Sequence[Mapping[str, Any]], label: str = "") -> dict[str, Any]:
    """Links as tabs: each item has `label`, `url`, `is_current`, and perhaps `count`."""
    return {"items": items, "label": label}


@register.inclusion_tag("web/components/chart.html", takes_context=True)
def chart(
    context: template.Context,
    name: str,
    src: str = "",
    data: Mapping[str, Any] | None = None,
    title: str = "",
    height: int = 240,
    group: str = "page",
    refresh_s: int = 0,
) -> dict[str, Any]:
    """A time chart from `src` (JSON address) or `data`; charts of one `group` share the cursor and the zoom.

    The JSON's shape is told in docs/design-system.md. `height` is in CSS pixels; `name` is unique on the page.
    `refresh_s` fetches `src` again every so many seconds.
    """
    return {
        "name": name,
        "src": src,
        "data": data,
        "title": title,
        "height": height,
        "group": group,
        "refresh_s": refresh_s,
        "frame": context.get("frame"),
    }
