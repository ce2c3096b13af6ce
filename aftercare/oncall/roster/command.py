"""`aftercare oncall preview FILE`: who is on call when, by the very code that pages people, without a database."""

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall.roster.document import read_document
from aftercare.oncall.roster.schedules import Schedule, Stretch, stretches
from aftercare.oncall.roster.turns import instant_of

AHEAD = timedelta(days=14)
FURTHEST = timedelta(days=366)


def add_parser(commands: Any) -> None:
    """The command with its options."""
    oncall = commands.add_parser("oncall", help="who is on call when, out of a file").add_subparsers(
        dest="oncall_command", required=True, metavar="COMMAND"
    )
    preview = oncall.add_parser("preview", help="print who is on call when, with the gaps; needs no database")
    preview.add_argument("file", type=Path, metavar="FILE", help="the schedules, as YAML")
    when = {"type": local_time, "metavar": "TIME"}
    preview.add_argument("--from", dest="start", **when, help="local time of each schedule's zone (default: now)")
    preview.add_argument("--to", dest="end", **when, help="the same (default: 14 days later)")
    preview.add_argument("--strict", action="store_true", help="exit with 1 where somebody is missing")
    preview.add_argument("--json", action="store_true", help="print it as JSON")


def local_time(text: str) -> datetime:
    """A local time of the command line."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError(text)
    return found


def run(arguments: argparse.Namespace) -> int:
    """Preview a file. Raises Refused with the line where it is wrong."""
    now = utc_now()
    found = [(schedule, previewed(schedule, arguments, now)) for schedule in read_file(arguments.file, now)]
    console = Console(highlight=False)
    if arguments.json:
        told = [as_json(schedule, held) for schedule, held in found]
        console.print_json(json.dumps({"schedules": told}, ensure_ascii=False))
    else:
        for schedule, held in found:
            show(console, schedule, held)
    has_gap = any(not one.people for _schedule, held in found for one in held)
    return 1 if has_gap and arguments.strict else 0


def read_file(path: Path, now: datetime) -> list[Schedule]:
    """The file's schedules."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} cannot be read: {error}") from None
    return read_document(text, around=now.date())


def previewed(schedule: Schedule, arguments: argparse.Namespace, now: datetime) -> list[Stretch]:
    """The schedule's stretches in the time that is asked for."""
    start = instant_of(arguments.start, schedule.zone) if arguments.start else now.replace(microsecond=0)
    end = instant_of(arguments.end, schedule.zone) if arguments.end else start + AHEAD
    if not start < end <= start + FURTHEST:
        raise Refused("Ask for some time, and at most a year of it: --from lies before --to.")
    return stretches(schedule, start, end)


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
        "uncovered_hours": hours(sum(map(length, gaps(held)), timedelta())),
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
    missing = gaps(held)
    if missing:
        total, plural = hours(sum(map(length, missing), timedelta())), "" if len(missing) == 1 else "s"
        console.print(f"[bold red]Nobody is on call for {total:g} h: {len(missing)} gap{plural}.[/bold red]")
    else:
        console.print("[green]Somebody is on call all the time.[/green]")
    most = ", ".join(f"{escape(person)} {hours(total):g} h" for person, total in loads(held).items())
    console.print(f"Hours: {most or 'none'}\n")


def gaps(held: Sequence[Stretch]) -> list[Stretch]:
    """Where nobody is."""
    return [one for one in held if not one.people]


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
    """In hours, to the minute."""
    return round(span / timedelta(hours=1), 2)
