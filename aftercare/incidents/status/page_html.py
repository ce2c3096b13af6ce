"""The page itself: one HTML file without scripts, small enough for one bar of signal.

It is built from strings, not by a template: an update that concerns everybody writes two of these for each customer
within a second. Everything that people wrote goes through `escape`.
"""

import base64
import hashlib
from datetime import datetime, timedelta
from functools import lru_cache
from html import escape
from zoneinfo import ZoneInfo

from django.conf import settings

from aftercare.incidents.models import ComponentNow
from aftercare.incidents.status.addresses import door_of
from aftercare.incidents.status.facts import Line, PageFacts, Shown, of_language
from aftercare.incidents.status.page_style import STYLE
from aftercare.incidents.status.planned import TO_COME, Planned
from aftercare.incidents.status.wording import CHINESE, ENGLISH, SHORT, TAG, words

# People's texts on one page, in bytes: what is over them is cut, the feed has it whole.
TEXTS_BYTES = 9_000
GOING_ON_AT_MOST, PAST_AT_MOST, PLANNED_AT_MOST, COMPONENTS_AT_MOST, BAD_DAYS_AT_MOST = 8, 20, 10, 30, 5
UPDATES_AT_MOST = 4
# Shapes beside colours, so that it reads in grey.
MARKS = {"operational": "●", "degraded": "▲", "outage": "■", "maintenance": "◆", "unknown": "▨"}
HEIGHTS = {"o": 12, "d": 16, "x": 20, "u": 12}


@lru_cache(maxsize=1)
def policy() -> str:
    """What a page may load and where its form may go: its own style, this installation."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; form-action {settings.BASE_URL}; base-uri 'none'"


class Room:
    """How much of people's texts still fits."""

    def __init__(self) -> None:
        self.left = TEXTS_BYTES

    def fit(self, text: str, more: str) -> str:
        """The text as HTML, cut with `more` at its end where it is too long."""
        raw = escape(text).encode()
        if len(raw) > self.left:
            kept = raw[: max(self.left, 0)].decode(errors="ignore")
            kept = kept[: kept.rfind("&")] if "&" in kept[-7:] and ";" not in kept[kept.rfind("&") :] else kept
            self.left = 0
            return f"{kept}{escape(more)}"
        self.left -= len(raw)
        return raw.decode()


def other_of(language: str) -> str:
    """The language that is not this one."""
    return ENGLISH if language == CHINESE else CHINESE


def page_html(facts: PageFacts, language: str, other_name: str) -> str:
    """The page in a language; `other_name` is the file of the other one."""
    say, room = words(language), Room()
    name = escape(of_language(language == CHINESE, facts, "name"))
    heading = say["status"] if facts.page.customer_id is None else say["of"] % {"name": name}
    title = f"{name} · {say['status']}" if name and facts.page.customer_id is None else heading
    state = facts.state.value
    return "".join(
        (
            f'<!doctype html><html lang="{TAG[language]}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f'<meta http-equiv="Content-Security-Policy" content="{policy()}">'
            '<meta http-equiv="refresh" content="300"><meta name="referrer" content="no-referrer">',
            "" if facts.page.customer_id is None else '<meta name="robots" content="noindex">',
            f"<title>{title}</title>"
            f'<link rel="alternate" type="application/atom+xml" href="{SHORT[language]}.atom" title="{say["status"]}">'
            f"<style>{STYLE}</style></head><body><main>"
            f'<header><p class="who">{name if facts.page.customer_id is None else ""}</p>'
            f'<a href="{other_name}" lang="{TAG[other_of(language)]}">{say["other"]}</a></header>'
            f"<h1>{heading}</h1>"
            f'<p class="now {state}"><span aria-hidden="true">{MARKS[state]}</span> {say[state]}</p>',
            going_on(facts, language, room),
            planned(facts, language, room),
            components(facts, language),
            past(facts, language, room),
            subscribing(facts, language),
            f"<footer><p>{say['written'] % {'at': local(facts.now, facts.zone)}} "
            f"{say['zone'] % {'zone': facts.zone}} {say['measured']}</p>"
            f'<p><a href="{SHORT[language]}.atom">{say["feed"]}</a> · <a href="status.json">{say["json"]}</a></p>'
            "</footer></main></body></html>\n",
        )
    )


def going_on(facts: PageFacts, language: str, room: Room) -> str:
    """What is broken now, each with its last updates, the newest whole."""
    say = words(language)
    if not facts.going_on:
        return f'<p class="calm">{say["nothing"]}</p>'
    shown = "".join(incident(one, facts.zone, language, room) for one in facts.going_on[:GOING_ON_AT_MOST])
    more = len(facts.going_on) - GOING_ON_AT_MOST
    rest = f"<p>{say['more'] % {'n': more}}</p>" if more > 0 else ""
    return f"<section><h2>{say['going_on']}</h2>{shown}{rest}</section>"


def incident(one: Shown, zone: str, language: str, room: Room) -> str:
    """One that goes on."""
    say, chinese = words(language), language == CHINESE
    updates = "".join(
        f"<li><b>{say[f'stage_{told.stage}']}</b> <time>{local(told.at, zone)}</time>"
        f"<p>{room.fit(of_language(chinese, told, 'body'), say['cut'])}</p></li>"
        for told in one.updates[:UPDATES_AT_MOST]
    )
    due = one.updates[0].next_due_at if one.updates else None
    promised = f'<p class="due">{say["next"] % {"at": local(due, zone)}}</p>' if due else ""
    return (
        f'<article class="{one.state.value}"><h3>{escape(of_language(chinese, one, "title"))}</h3>'
        f'<p class="meta"><span aria-hidden="true">{MARKS[one.state.value]}</span> '
        f"{say[f'state_{one.state.value}']} · {say['since'] % {'at': local(one.opened_at, zone)}}</p>"
        f"{promised}{f'<ol>{updates}</ol>' if updates else ''}</article>"
    )


def planned(facts: PageFacts, language: str, room: Room) -> str:
    """Maintenance that is under way or to come, or was until lately."""
    if not facts.planned:
        return ""
    say = words(language)
    shown = "".join(window(one, facts.zone, language, room) for one in facts.planned[:PLANNED_AT_MOST])
    return f"<section><h2>{say['planned']}</h2>{shown}</section>"


def window(one: Planned, zone: str, language: str, room: Room) -> str:
    """One window of maintenance; of what is over no more than that."""
    say, chinese = words(language), language == CHINESE
    when = span(one.starts_at, one.ends_at, zone)
    state = "" if one.state == TO_COME else f"<b>{say[f'word_{one.state}']}</b> · "
    text = "" if one.is_over else f"<p>{room.fit(of_language(chinese, one, 'body'), say['cut'])}</p>"
    head = f"<h3>{escape(of_language(chinese, one, 'title'))}</h3>"
    kind = "" if one.is_over else ' class="maintenance"'
    return f'<article{kind}>{head}<p class="meta">{state}{when}</p>{text}</article>'


def components(facts: PageFacts, language: str) -> str:
    """Each component with its state and its 90 days."""
    say = words(language)
    shown = "".join(component(line, language) for line in facts.components[:COMPONENTS_AT_MOST])
    more = len(facts.components) - COMPONENTS_AT_MOST
    rest = f"<p>{say['more'] % {'n': more}}</p>" if more > 0 else ""
    none = f'<p class="calm">{say["no_components"]}</p>'
    return f"<section><h2>{say['components']}</h2>{f'<ul>{shown}</ul>{rest}' if shown else none}</section>"


def component(line: Line, language: str) -> str:
    """One component."""
    say, state = words(language), line.state.value
    return (
        f"<li><p class='line'><b>{escape(of_language(language == CHINESE, line, 'name'))}</b>"
        f'<span class="{state}"><span aria-hidden="true">{MARKS[state]}</span> {say[f"state_{state}"]}</span></p>'
        f"{history(line.standing, language)}</li>"
    )


def history(standing: ComponentNow | None, language: str) -> str:
    """The bars of 90 days with what they say in words, and the days with trouble."""
    say = words(language)
    bars = standing.bars.rjust(90, "u") if standing else "u" * 90
    good, unknown = bars.count("o"), bars.count("u")
    told = say["bars"] % {"good": good, "bad": 90 - good - unknown, "unknown": unknown}
    share = say["no_data"]
    if standing and standing.judged:
        share = say["good"] % {"share": share_of(standing.good, standing.judged)}
    days = standing.bad_days[:BAD_DAYS_AT_MOST] if standing else []
    listed = "".join(f"<li>{say['day'] % {'day': day, 'share': part}}</li>" for day, part in days)
    bad = f"<details><summary>{say['bad_days']}</summary><ul>{listed}</ul></details>" if listed else ""
    return (
        f'<svg viewBox="0 0 360 20" preserveAspectRatio="none" role="img" aria-label="{told}">{paths(bars)}</svg>'
        f'<p class="axis"><span>{say["ago"]}</span><span>{share}</span><span>{say["today"]}</span></p>{bad}'
    )


@lru_cache(maxsize=4096)
def paths(bars: str) -> str:
    """The bars as one path for each state; the worse the taller."""
    drawn = ""
    for letter, height in HEIGHTS.items():
        moves = "".join(f"M{4 * day + 2} 20v-{height}" for day, told in enumerate(bars) if told == letter)
        drawn += f'<path class="{letter}" d="{moves}"/>' if moves else ""
    return drawn


def share_of(good: int, judged: int) -> str:
    """The share in percent, never rounded up to 100."""
    hundredths = 10_000 * good // judged
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def past(facts: PageFacts, language: str, room: Room) -> str:
    """Incidents that are over, the newest first, each with its last update."""
    say, chinese = words(language), language == CHINESE
    if not facts.past:
        return f'<section><h2>{say["past"]}</h2><p class="calm">{say["none_past"]}</p></section>'
    shown = ""
    for one in facts.past[:PAST_AT_MOST]:
        span = duration((one.resolved_at or facts.now) - one.opened_at, language)
        when = say["lasted"] % {"at": local(one.opened_at, facts.zone), "span": span}
        last = f"<p>{room.fit(of_language(chinese, one.updates[0], 'body'), say['cut'])}</p>" if one.updates else ""
        title = escape(of_language(chinese, one, "title"))
        shown += f'<article><h3>{title}</h3><p class="meta">{when}</p>{last}</article>'
    more = len(facts.past) - PAST_AT_MOST
    rest = f"<p>{say['more'] % {'n': more}}</p>" if more > 0 else ""
    return f"<section><h2>{say['past']}</h2>{shown}{rest}</section>"


def subscribing(facts: PageFacts, language: str) -> str:
    """The form that asks for a subscription; it goes to Aftercare itself, the rest of the page does not need it."""
    say = words(language)
    return (
        f'<section><h2>{say["hear"]}</h2><form method="post" action="{settings.BASE_URL}/subscriptions">'
        f'<input type="hidden" name="page" value="{door_of(facts.page)}">'
        f'<input type="hidden" name="language" value="{language}">'
        f'<label>{say["way"]} <select name="way"><option value="email">{say["email"]}</option>'
        f'<option value="webhook">{say["webhook"]}</option></select></label>'
        f'<label>{say["address"]} <input name="address" required maxlength="500" autocomplete="email"></label>'
        f"<button>{say['subscribe']}</button><p>{say['confirm']}</p></form></section>"
    )


@lru_cache(maxsize=65_536)
def local(at: datetime, zone: str) -> str:
    """A time in the page's zone."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def span(start: datetime, end: datetime, zone: str) -> str:
    """From when to when in the page's zone; the day once where it is one."""
    first, last = local(start, zone), local(end, zone)
    return f"{first} – {last[11:] if first[:10] == last[:10] else last}"


def duration(span: timedelta, language: str) -> str:
    """A length of time in the units that matter."""
    say, minutes = words(language), max(int(span.total_seconds()), 0) // 60
    if minutes < 60:
        return say["min"] % {"n": minutes}
    if minutes < 48 * 60:
        return say["h"] % {"h": minutes // 60, "m": minutes % 60}
    return say["days"] % {"n": minutes // 1440}
