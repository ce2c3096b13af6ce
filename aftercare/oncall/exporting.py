"""The console's schedules as the document that `aftercare oncall preview` reads (docs/on-call.md)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.oncall.models import Change, Schedule
from aftercare.oncall.queries.shifts import refs_in
from aftercare.oncall.roster.document import VERSION

SCHEDULE_FIELDS = ("timezone", "holidays", "fallback", "sign-in", "layers")
LAYER_FIELDS = ("name", "turns", "every", "starts", "ends", "hours")
HOURS_FIELDS = ("days", "from", "to")


def as_document(schedules: Sequence[Schedule], now: datetime, more: Mapping[str, Any] | None = None) -> str:
    """YAML of these schedules with their changes that are not over, people by the address they sign in with. Whoever
    could not take a page is left out, as the engine leaves them out. `more` are the document's other fields.
    """
    told = []
    for schedule in schedules:
        changes = schedule.changes.filter(ends_at__gt=now).select_related("user", "replaced").order_by("id")
        told.append(entry(schedule.name, schedule.document, changes))
    return as_yaml({"version": int(VERSION), "schedules": told, **(more or {})})


def as_yaml(value: Any) -> str:
    """Text in the order of the fields."""
    written: str = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=120)
    return written


def entry(name: str, document: Mapping[str, Any], changes: Iterable[Change] = ()) -> dict[str, Any]:
    """One schedule of a document."""
    emails = emails_of(document)
    zone = ZoneInfo(document["timezone"])
    told = {"name": name, **with_people(document, lambda refs: [emails[ref] for ref in refs if ref in emails])}
    if written := [change_entry(change, zone) for change in changes]:
        told["changes"] = written
    return told


def emails_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The addresses of those whom a document names and who could take a page."""
    people = User.objects.filter(ref__in=refs_in(document))
    return {user.ref: user.email for user in people if can(user, "acknowledge_pages")}


def with_people(document: Mapping[str, Any], other: Any) -> dict[str, Any]:
    """The document with every list of people put through `other`, a turn of one person written as such."""
    told = in_order(document, SCHEDULE_FIELDS)
    if "fallback" in told:
        told["fallback"] = other(told["fallback"])
    told["layers"] = [layer_entry(layer, other) for layer in document["layers"]]
    return told


def layer_entry(layer: Mapping[str, Any], other: Any) -> dict[str, Any]:
    """One layer."""
    told = in_order(layer, LAYER_FIELDS)
    told["turns"] = [turn[0] if len(turn := other(refs)) == 1 else turn for refs in layer["turns"]]
    if "hours" in told:
        told["hours"] = [in_order(hours, HOURS_FIELDS) for hours in told["hours"]]
    return told


def in_order(fields: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
    """The fields in the order in which people write them: the database has forgotten it."""
    return {name: fields[name] for name in order if name in fields}


def change_entry(change: Change, zone: ZoneInfo) -> dict[str, Any]:
    """One change."""
    is_able = can(change.user, "acknowledge_pages")
    told: dict[str, Any] = {
        "name": change.reason or change.ref,
        "from": local(change.starts_at, zone),
        "to": local(change.ends_at, zone),
    }
    if change.replaced is None:
        told[change.kind] = [change.user.email] if is_able or change.kind == "remove" else []
    elif is_able:
        told["replace"] = {change.replaced.email: change.user.email}
    else:
        told["remove"] = [change.replaced.email]
    return told


def local(at: datetime, zone: ZoneInfo) -> str:
    """An instant by the wall clock; of an hour that comes twice both readings look the same."""
    return at.astimezone(zone).replace(tzinfo=None).isoformat(sep=" ")
