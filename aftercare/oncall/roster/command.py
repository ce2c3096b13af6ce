"""`aftercare oncall preview FILE`: who is on call when, by the very code that pages people, without a database."""

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.kernel.wall_clock import instant_of
from aftercare.oncall.roster.document import Document, read_document
from aftercare.oncall.roster.policy_preview import is_wrong, policies_as_json, show_policies
from aftercare.oncall.roster.proof import Fault, Finding, prove
from aftercare.oncall.roster.schedules import Schedule, Stretch, stretches

AHEAD = timedelta(days=14)
FURTHEST = timedelta(days=366)
WORDS = {
    Fault.GAP: "{schedule}: nobody is on call for {length} h,",
    Fault.FALLBACK: "{schedule}: only the fallback is on call for {length} h,",
    Fault.TOO_LONG: "{person} is on call for {held} h without a break,",
    Fault.TOO_OFTEN: "{person} is on call for {held} h within seven days,",
    Fault.TOO_MANY_NIGHTS: "{person} is on call in {nights} of seven nights,",
}


def run(arguments: argparse.Namespace) -> int:
    """Preview a file. Raises Refused with the line where it is wrong."""
    now = utc_now()
    speak_plainly()
    document = read_file(arguments.file, now)
    zone = document.schedules[0].zone
    start, end = span_of(arguments, zone, now)
    found = [(schedule, stretches(schedule, start, end)) for schedule in document.schedules]
    held_by = {schedule.name: held for schedule, held in found}
    zones = {person: schedule.zone for schedule, held in reversed(found) for one in held for person in one.people}
    faults = prove(held_by, document.limits, zones)
    console = Console(highlight=False)
    if arguments.json:
        told = [as_json(schedule, held) for schedule, held in found]
        told_faults = [fault_as_json(fault) for fault in faults]
        policies = policies_as_json(document.escalation, held_by, (start, end))
        everything = {"schedules": told, "faults": told_faults, "policies": policies}
        console.print_json(json.dumps(everything, ensure_ascii=False))
    else:
        for schedule, held in found:
            show(console, schedule, held)
        show_policies(console, document.escalation, held_by, (start, end), zone)
        show_faults(console, faults, zone)
    has_faults = any(fault.fault is not Fault.FALLBACK for fault in faults)
    return 1 if arguments.strict and (has_faults or is_wrong(document.escalation, held_by, (start, end))) else 0


def speak_plainly() -> None:
    """Let refusals be in English where no settings were loaded: what is translated asks Django for the language."""
    if not settings.configured and "DJANGO_SETTINGS_MODULE" not in os.environ:
        settings.configure(USE_I18N=False)


def read_file(path: Path, now: datetime) -> Document:
    """What the file says."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} cannot be read: {error}") from None
    return read_document(text, around=now.date())


def span_of(arguments: argparse.Namespace, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """The time that is asked for."""
    start = instant_of(arguments.start, zone) if arguments.start else now.replace(microsecond=0)
    end = instant_of(arguments.end, zone) if arguments.end else start + AHEAD
    if not start < end <= start + FURTHEST:
        raise Refused("Ask for some time, and at most a year of it: --from lies before --to.")
    return start, end


def as_json(schedule: Schedule, held: Sequence[Stretch]) -> dict[str, Any]:
    """A schedule for a program: instants in UTC."""
    return {
        "name": schedule.name,
        "timezone": schedule.zone.key,
        "shifts": [
            {
                "from": one.starts_at.astimezone(UTC).isoformat(),
                "to": one.ends_at.astimezone(UTC).isoformat(),
                "people": list(one.people),
                "by": list(one.by),
                "fallback": one.is_fallback,
            }
            for one in held
        ],
        "uncovered_hours": hours(sum((length(one) for one in held if not one.people), timedelta())),
        "hours": {person: hours(total) for person, total in loads(held).items()},
    }


def show(console: Console, schedule: Schedule, held: Sequence[Stretch]) -> None:
    """A schedule for a person: local times, gaps in red."""
    table = Table(title=f"{escape(schedule.name)} ({schedule.zone.key})", title_justify="left", title_style="bold")
    for name in ("from", "to", "hours", "on call", "by"):
        table.add_column(name, justify="right" if name == "hours" else "left", overflow="fold")
    for one in held:
        people = escape(", ".join(one.people)) or "[bold red]nobody[/bold red]"
        told = " + ".join((*one.by, *(["fallback"] if one.is_fallback else [])))
        begins, ends = (f"{at.astimezone(schedule.zone):%a %Y-%m-%d %H:%M}" for at in (one.starts_at, one.ends_at))
        table.add_row(begins, ends, f"{hours(length(one)):g}", people, escape(told))
    console.print(table)
    most = ", ".join(f"{escape(person)} {hours(total):g} h" for person, total in loads(held).items())
    console.print(f"Hours: {most or 'none'}\n")


def show_faults(console: Console, faults: Sequence[Finding], zone: ZoneInfo) -> None:
    """What is wrong, the worst first; times in the zone of `--from`."""
    for fault in faults:
        begins, ends = (f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}" for at in (fault.starts_at, fault.ends_at))
        sentence = WORDS[fault.fault].format(
            schedule=escape(fault.schedule), person=escape(fault.person), length=f"{hours(fault.length):g}",
            held=f"{hours(fault.held):g}", nights=fault.nights,
        )  # fmt: skip
        style = "yellow" if fault.fault is Fault.FALLBACK else "bold red"
        console.print(f"[{style}]{sentence}[/{style}] {begins} – {ends}")
    if not any(fault.fault is Fault.GAP for fault in faults):
        console.print("[green]Somebody is on call all the time.[/green]")


def fault_as_json(fault: Finding) -> dict[str, Any]:
    """What is wrong, for a program."""
    return {
        "fault": fault.fault,
        "from": fault.starts_at.astimezone(UTC).isoformat(),
        "to": fault.ends_at.astimezone(UTC).isoformat(),
        **({"schedule": fault.schedule} if fault.schedule else {"person": fault.person, **amount_of(fault)}),
    }


def amount_of(fault: Finding) -> dict[str, float]:
    """How much is too much: nights, or hours."""
    return {"nights": fault.nights} if fault.fault is Fault.TOO_MANY_NIGHTS else {"hours": hours(fault.held)}


def loads(held: Sequence[Stretch]) -> dict[str, timedelta]:
    """How long each person is on call, the longest first."""
    found: defaultdict[str, timedelta] = defaultdict(timedelta)
    for one in held:
        for person in one.people:
            found[person] += length(one)
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def length(one: Stretch) -> timedelta:
    """How long a stretch is."""
    return one.ends_at - one.starts_at


def hours(span: timedelta) -> float:
    """In hours, to the hundredth."""
    return round(span / timedelta(hours=1), 2)
