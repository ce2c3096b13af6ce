"""The same for programs: status.json, and a feed in each language."""

import json
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from aftercare.incidents.status.addresses import url_of
from aftercare.incidents.status.facts import Line, PageFacts, Shown, of_language
from aftercare.incidents.status.page_html import span
from aftercare.incidents.status.planned import Planned
from aftercare.incidents.status.wording import CHINESE, SHORT, TAG, words

ENTRIES_AT_MOST = 50
FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f]")  # of the control characters XML 1.0 knows tabs and ends of lines alone


@lru_cache(maxsize=65_536)
def at(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def page_json(facts: PageFacts) -> str:
    """The whole page as one object; docs/status-page.md tells its fields."""
    told: dict[str, Any] = {
        "name": facts.name,
        "name_zh": facts.name_zh,
        "state": facts.state.value,
        "written_at": at(facts.now),
        "timezone": facts.zone,
        "components": [component(line) for line in facts.components],
        "incidents": [incident(one) for one in (*facts.going_on, *facts.past)],
        "maintenance": [window(one) for one in facts.planned],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"


def component(line: Line) -> dict[str, Any]:
    """`days` is a letter for each of the last 90 days, the oldest first: o good, d disturbed, x bad, u unknown."""
    standing = line.standing
    return {
        "name": line.name,
        "name_zh": line.name_zh,
        "state": line.state.value,
        "days": standing.bars.rjust(90, "u") if standing else "u" * 90,
        "good_slots": standing.good if standing else 0,
        "judged_slots": standing.judged if standing else 0,
    }


def incident(one: Shown) -> dict[str, Any]:
    """One incident with all its updates, the newest first."""
    return {
        "ref": one.ref,
        "title": one.title,
        "title_zh": one.title_zh,
        "state": one.state.value if one.resolved_at is None else "resolved",
        "opened_at": at(one.opened_at),
        "mitigated_at": at(one.mitigated_at),
        "resolved_at": at(one.resolved_at),
        "updates": [
            {"ref": told.ref, "stage": told.stage, "at": at(told.at), "body": told.body, "body_zh": told.body_zh,
             "next_by": at(told.next_due_at)}
            for told in one.updates
        ],
    }  # fmt: skip


def window(one: Planned) -> dict[str, Any]:
    """One window of maintenance; `state` is announced, running, done, postponed or cancelled."""
    return {
        "ref": one.ref,
        "title": one.title,
        "title_zh": one.title_zh,
        "state": one.state,
        "starts_at": at(one.starts_at),
        "ends_at": at(one.ends_at),
        "body": one.body,
        "body_zh": one.body_zh,
    }


def page_atom(facts: PageFacts, language: str) -> str:
    """Atom (RFC 4287): an entry for each update, for each incident of which nothing was told, for each window of
    maintenance and for what became of it, the newest first.
    """
    say, chinese, address = words(language), language == CHINESE, url_of(facts.page)
    name = of_language(chinese, facts, "name")
    entries = []
    for one in (*facts.going_on, *facts.past):
        title = of_language(chinese, one, "title")
        if not one.updates:
            entries.append((one.opened_at, f"incident:{one.ref}", title, ""))
        for told in one.updates:
            headed = f"{title}: {say[f'stage_{told.stage}']}"
            entries.append((told.at, f"update:{told.ref}", headed, of_language(chinese, told, "body")))
    for window in facts.planned:
        when = f"{span(window.starts_at, window.ends_at, facts.zone)} ({facts.zone})"
        headed = f"{say['planned']}: {of_language(chinese, window, 'title')}"
        what = "\n".join(filter(None, (when, of_language(chinese, window, "body"))))
        named = f"maintenance:{window.ref}:{window.window}"
        entries.append((window.said_at, named, headed, what))
        if window.changed_at is not None:
            entries.append(
                (window.changed_at, f"{named}:{window.state}", f"{headed}: {say[f'word_{window.state}']}", when)
            )
    entries.sort(reverse=True)
    titled = " · ".join((name, say["status"]))
    told_last = entries[0][0] if entries else facts.now.replace(hour=0, minute=0, second=0, microsecond=0)
    return "".join(
        (
            f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
            f'xml:lang="{TAG[language]}"><title>{text(titled)}</title>'
            f"<id>urn:aftercare:status:{facts.page.ref}:{SHORT[language]}</id><updated>{at(told_last)}</updated>"
            f'<author><name>{text(name or say["status"])}</name></author><link href="{address}"/>'
            f'<link rel="self" href="{address}{SHORT[language]}.atom"/>',
            *(
                f"<entry><id>urn:aftercare:{ref}</id><title>{text(title)}</title><updated>{at(moment)}</updated>"
                f'<link href="{address}"/><content type="text">{text(body)}</content></entry>'
                for moment, ref, title, body in entries[:ENTRIES_AT_MOST]
            ),
            "</feed>\n",
        )
    )


def text(said: str) -> str:
    """As XML has it: without the control characters that it forbids."""
    return escape(FORBIDDEN.sub("", said))
