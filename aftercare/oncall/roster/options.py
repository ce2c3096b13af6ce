"""The options of `aftercare oncall`, apart from what runs it: the command line loads them for every command."""

from datetime import datetime
from pathlib import Path
from typing import Any

from aftercare.oncall.roster.turns import YEARS


def add_parser(commands: Any) -> None:
    """The command with its options."""
    oncall = commands.add_parser("oncall", help="who is on call when, out of a file").add_subparsers(
        dest="oncall_command", required=True, metavar="COMMAND"
    )
    preview = oncall.add_parser("preview", help="print who is on call when, with the gaps; needs no database")
    preview.add_argument("file", type=Path, metavar="FILE", help="the schedules, as YAML")
    when = {"type": local_time, "metavar": "TIME"}
    preview.add_argument("--from", dest="start", **when, help="local time in the first schedule's zone (default: now)")
    preview.add_argument("--to", dest="end", **when, help="the same (default: 14 days later)")
    preview.add_argument("--strict", action="store_true", help="exit with 1 where anything is wrong")
    preview.add_argument("--json", action="store_true", help="print it as JSON")


def local_time(text: str) -> datetime:
    """A local time of the command line."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is not None or found.year not in YEARS:
        raise ValueError(text)
    return found
