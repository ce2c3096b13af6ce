"""Nightingale (夜莺, n9e) version 6 and later: its callback and its global webhook post the event itself.

Fields: struct AlertCurEvent in models/alert_cur_event.go of github.com/ccfos/nightingale (v6). `hash` names rule and
series and is the same when it recovers; `severity` is 1 (critical), 2 (warning) or 3 (info); `tags` are "key=value".
A global webhook that batches posts a list of events.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused
from aftercare.watch.outside.formats.said import (
    IGNORED,
    Format,
    Said,
    State,
    lines,
    needed,
    object_of,
    part,
    text,
)

LEVELS = {"1": "red", "2": "warning", "3": IGNORED}


def items(payload: Any, _mapping: Mapping[str, Any]) -> list[Any]:
    """The one event, or the list of them."""
    return payload if isinstance(payload, list) else [payload]


def read(item: Any, _mapping: Mapping[str, Any]) -> Said:
    """One event. Raises Refused where it is not one of Nightingale's."""
    event = object_of(item)
    recovered = event.get("is_recovered", False)
    if not isinstance(recovered, bool):
        raise Refused(_("“%(name)s” must be true or false.") % {"name": "is_recovered"})
    value, ident = text(event.get("trigger_value")), text(event.get("target_ident"))
    notes = part(event, "annotations")
    name = needed(event.get("rule_name"), "rule_name")
    return Said(
        fingerprint=needed(event.get("hash"), "hash"),
        state=State.OVER if recovered else State.FIRING,
        title=f"{name} ({ident})" if ident and ident not in name else name,
        level=text(event.get("severity")),
        body=lines(
            text(event.get("rule_note")),
            *(text(note) for note in notes.values()),
            _("Value when it fired: %(value)s") % {"value": value} if value else "",
            text(event.get("prom_ql")),
        ),
        labels=tags_of(event),
        link=text(event.get("runbook_url")),
    )


def tags_of(event: dict[str, Any]) -> dict[str, str]:
    """The tags, with the business group beside them."""
    tags = event.get("tags")
    pairs = [str(tag).partition("=") for tag in tags] if isinstance(tags, list) else []
    found = {name.strip(): value.strip() for name, equals, value in pairs if equals}
    group = text(event.get("group_name"))
    return {**found, "group": group} if group else found


FORMAT = Format(items, read, LEVELS)
