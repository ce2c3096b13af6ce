"""Prometheus Alertmanager's webhook, version 4.

Fields: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config. A group comes again with every change
and every repeat_interval; each alert in it has its own status and a fingerprint of its labels (since 0.16).
`truncatedAlerts` says how many `max_alerts` cut off. It tries again after 5xx, and after 429 since 0.27.
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
    hashed,
    lines,
    needed,
    object_of,
    one_of,
    part,
    text,
)

STATES = {"firing": State.FIRING, "resolved": State.OVER}
# The words that rules of the trade put into their label `severity`; Watchdog's "none" must never wake anybody.
LEVELS = {
    **dict.fromkeys(("critical", "page", "emergency", "disaster", "fatal", "high", "p0", "p1"), "red"),
    **dict.fromkeys(("info", "information", "none", "debug"), IGNORED),
}


def items(payload: Any, _mapping: Mapping[str, Any]) -> list[Any]:
    """The alerts of the group. Raises Refused where there are none to be found."""
    alerts = payload.get("alerts") if isinstance(payload, dict) else None
    if not isinstance(alerts, list):
        raise Refused(_("The payload has no list “alerts”, as Alertmanager's and Grafana's have."))
    return alerts


def read(item: Any, _mapping: Mapping[str, Any]) -> Said:
    """One alert of the group."""
    alert = object_of(item)
    labels, notes = part(alert, "labels"), part(alert, "annotations")
    name = text(labels.get("alertname"))
    where = text(labels.get("instance"))
    summary = text(notes.get("summary")) or " ".join(one for one in (name, where) if one)
    return Said(
        fingerprint=text(alert.get("fingerprint")) or hashed(labels),
        state=one_of(alert.get("status"), "status", STATES),
        title=needed(summary, "labels.alertname"),
        level=text(labels.get("severity")),
        body=lines(text(notes.get("description")), text(notes.get("message")), text(notes.get("runbook_url"))),
        labels=labels,
        link=text(alert.get("generatorURL")),
    )


def left_out(payload: Any) -> int:
    """How many alerts of the group were cut off."""
    count = payload.get("truncatedAlerts") if isinstance(payload, dict) else 0
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else 0


FORMAT = Format(items, read, LEVELS, left_out)
