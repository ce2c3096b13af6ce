"""Zabbix: a media type "webhook" whose parameters are posted as they are; ours to define, docs tell what to paste.

Macros: https://www.zabbix.com/documentation/current/en/manual/appendix/macros/supported_by_location. {EVENT.ID} is the
problem's own number in problem, update and recovery operations alike; {EVENT.VALUE} is 1 while it is a problem and 0
when it recovers, {EVENT.NSEVERITY} 0 (not classified) to 5 (disaster). An update operation may come after the recovery
(somebody writes a note), and it still says 1: a problem's number never fires twice, which is why it is told once.
"""

import json
from collections.abc import Mapping
from typing import Any

from aftercare.watch.outside.formats.said import (
    IGNORED,
    Format,
    Said,
    State,
    lines,
    needed,
    object_of,
    one_of,
    text,
)

STATES = {"1": State.FIRING, "0": State.OVER}
LEVELS = {"0": "warning", "1": IGNORED, "2": "warning", "3": "warning", "4": "red", "5": "red"}
UNKNOWN = "*UNKNOWN*"


def items(payload: Any, _mapping: Mapping[str, Any]) -> list[Any]:
    """The one event."""
    return [payload]


def read(item: Any, _mapping: Mapping[str, Any]) -> Said:
    """One event of a problem."""
    told = {name: resolved(value) for name, value in object_of(item).items()}
    host, name = told.get("host", ""), needed(told.get("name"), "name")
    return Said(
        fingerprint=needed(told.get("eventid"), "eventid"),
        state=one_of(told.get("value"), "value", STATES),
        title=f"{host}: {name}" if host and host not in name else name,
        level=told.get("severity", ""),
        body=lines(told.get("opdata", ""), told.get("message", "")),
        labels={**({"host": host} if host else {}), **tags_of(told.get("tags", ""))},
        link=told.get("link", ""),
        is_once=True,
    )


def resolved(value: Any) -> str:
    """A parameter's text; "" where Zabbix had nothing to put in its macro's place."""
    told = text(value)
    is_bare = told.startswith("{") and told.endswith("}") and told[1:2].isupper()
    return "" if is_bare or told == UNKNOWN or told.startswith("{$") else told


def tags_of(told: str) -> dict[str, str]:
    """{EVENT.TAGSJSON}: `[{"tag": "scope", "value": "availability"}]`."""
    try:
        tags = json.loads(told) if told else []
    except (ValueError, RecursionError):
        return {}
    rows = [tag for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []
    return {text(tag.get("tag")): text(tag.get("value")) for tag in rows if text(tag.get("tag"))}


FORMAT = Format(items, read, LEVELS)
