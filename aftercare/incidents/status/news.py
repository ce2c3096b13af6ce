"""What of a page is news to a group that hears it as it happens: how the page stands against what the group was told.

What an update of an incident says is no news here: the update is said in the group itself. So whoever works on it gets
a few minutes to say it better, and a component that an incident on the page explains is not told beside it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aftercare.incidents.models import ComponentState, Stage
from aftercare.incidents.status.facts import Line, PageFacts, Shown, of_language
from aftercare.incidents.status.page_html import MARKS, duration, local, span
from aftercare.incidents.status.planned import TO_COME, Planned
from aftercare.incidents.status.wording import CHINESE, ENGLISH, words

# Trouble that is over within these was none; what works again has to for a quarter of an hour, as long as a verdict
# looks back, so that one that comes and goes is not told each time.
BAD_WAITS, GOOD_WAITS = timedelta(minutes=3), timedelta(minutes=15)
BAD = (ComponentState.DEGRADED, ComponentState.OUTAGE)
LINES_AT_MOST, BODY_AT_MOST = 10, 400

Known = dict[str, dict[str, Any]]


@dataclass
class News:
    """What one group is told of one page, `lines` in its language; `known` is what it knows then, as JSON keeps it, and
    `again_at` when something that waits is looked at again.
    """

    facts: PageFacts
    language: str
    hears_updates: bool
    was: Known | None
    lines: list[str] = field(default_factory=list)
    known: Known = field(default_factory=lambda: {"components": {}, "incidents": {}, "maintenance": {}})
    again_at: datetime | None = None

    @property
    def is_first(self) -> bool:
        """The first look: how it stands is taken down, and nothing of it is news."""
        return self.was is None

    def had(self, of: str) -> dict[str, Any]:
        """What it knew of these."""
        return self.was[of] if self.was is not None else {}

    def wait_until(self, at: datetime) -> None:
        """Look again then, or earlier."""
        self.again_at = min(at, self.again_at or at)

    @property
    def text(self) -> str:
        """One message; what is too much for it stands on the page."""
        rest = ["…"] if len(self.lines) > LINES_AT_MOST else []
        return "\n".join([self.say["status"], *self.lines[:LINES_AT_MOST], *rest])

    @property
    def say(self) -> dict[str, str]:
        """The fixed words of its language."""
        return words(self.language)

    def called(self, one: Line | Shown | Planned, name: str = "title") -> str:
        """A text of one of these in its language."""
        return of_language(self.language == CHINESE, one, name)

    def tell(self, state: str, *parts: str) -> None:
        """One line."""
        self.lines.append(f"{MARKS[state]} {('：' if self.language == CHINESE else ': ').join(parts)}")


def news_of(facts: PageFacts, *, language: str, hears_updates: bool, was: Known | None) -> News:
    """Compare. `was` is what `known` was the last time, None when nobody looked yet."""
    news = News(facts, CHINESE if language.startswith("zh") else ENGLISH, hears_updates, was)
    for line in facts.components:
        hear_component(line, news)
    for one in facts.going_on:
        hear_incident(one, news)
    for one in facts.past:
        hear_end(one, news)
    for window in facts.planned:
        hear_maintenance(window, news)
    return news


def hear_component(line: Line, news: News) -> None:
    """Told when it stayed so for long enough; unknown and maintenance are neither good nor bad."""
    now = news.facts.now
    known = news.had("components").get(line.ref, {"bad": line.state in BAD})
    is_bad = line.state in BAD if line.state in (*BAD, ComponentState.OPERATIONAL) else known["bad"]
    news.known["components"][line.ref] = mine = {"bad": known["bad"]}
    if is_bad == known["bad"]:
        return
    if is_bad and any(line.metric and line.metric in one.metrics for one in news.facts.going_on):
        # The incident tells it. Once that is over the verdict still looks back on it.
        mine["since"] = int((now + GOOD_WAITS - BAD_WAITS).timestamp())
        news.wait_until(now + GOOD_WAITS)
        return
    mine["since"] = since = known.get("since", int(now.timestamp()))
    due = datetime.fromtimestamp(since, now.tzinfo) + (BAD_WAITS if is_bad else GOOD_WAITS)
    if now < due:
        news.wait_until(due)
        return
    news.known["components"][line.ref] = {"bad": is_bad}
    news.tell(line.state.value, news.called(line, "name"), news.say[f"state_{line.state.value}"])


def hear_incident(one: Shown, news: News) -> None:
    """One that goes on, of which nobody told anything yet."""
    is_said = news.is_first or one.ref in news.had("incidents") or (one.updates and news.hears_updates)
    if not is_said and news.facts.now < one.opened_at + BAD_WAITS:
        news.wait_until(one.opened_at + BAD_WAITS)
        return
    news.known["incidents"][one.ref] = "going on"
    if not is_said:
        state = one.state.value
        since = news.say["since"] % {"at": local(one.opened_at, news.facts.zone)}
        news.tell(state, news.called(one), f"{news.say[f'state_{state}']} · {since}")


def hear_end(one: Shown, news: News) -> None:
    """One of which the group knew, and that is over without an update that says so."""
    if one.ref not in news.had("incidents") or one.resolved_at is None:
        return
    if news.hears_updates and one.updates and one.updates[0].stage == Stage.RESOLVED:
        return
    if news.facts.now < one.resolved_at + BAD_WAITS:
        news.known["incidents"][one.ref] = "going on"
        news.wait_until(one.resolved_at + BAD_WAITS)
        return
    length = duration(one.resolved_at - one.opened_at, news.language)
    lasted = news.say["lasted"] % {"at": local(one.opened_at, news.facts.zone), "span": length}
    news.tell("operational", news.called(one), f"{news.say['stage_resolved']} · {lasted}")


def hear_maintenance(one: Planned, news: News) -> None:
    """Announced, moved, begun, over, postponed, cancelled: each of a window once."""
    key, had = f"{one.ref}:{one.window}", news.had("maintenance")
    news.known["maintenance"][key] = one.state
    is_new = not any(known.startswith(f"{one.ref}:") for known in had)
    if news.is_first or had.get(key) == one.state or (is_new and one.is_over):
        return
    word = one.state if is_new or key in had or one.state != TO_COME else "moved"
    news.tell("maintenance", news.say["planned"], news.called(one), news.say[f"word_{word}"])
    if one.state == TO_COME:
        zone, body = news.facts.zone, news.called(one, "body")
        news.lines[-1] += f"\n{span(one.starts_at, one.ends_at, zone)} ({zone})"
        news.lines[-1] += f"\n{body[:BODY_AT_MOST]}{'…' if len(body) > BODY_AT_MOST else ''}" if body else ""
