"""The command line `aftercare`: reads the arguments, points the settings at the data folder, hands over."""

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.markup import escape

from aftercare import __version__
from aftercare.kernel.errors import Refused
from aftercare.oncall.roster.options import add_parser as add_roster_parser
from aftercare.probe.options import MISSING
from aftercare.probe.options import add_options as add_probe_options
from aftercare.serve.address import settle
from aftercare.tail import command as tail


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", type=Path, metavar="DIR", help="the data folder (default: in the user's data home)")
    top = argparse.ArgumentParser(prog="aftercare", description="After-sales service for live and real-time media.")
    top.add_argument("--version", action="version", version=f"aftercare {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", parents=[common], help="run the service")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=int, default=8400, help="port to listen on (default 8400)")
    demo = commands.add_parser("demo", parents=[common], help="run the service on a simulated world")
    demo.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    demo.add_argument("--port", type=int, default=0, help="port to listen on (default: 8400, or a free one)")
    demo.add_argument("--check", action="store_true", help="play the story through once without a person, and stop")
    demo.add_argument("--json", action="store_true", help="print only the figures, as one JSON line")
    migrate = commands.add_parser("migrate", parents=[common], help="bring both schemas up to date")
    migrate.add_argument(
        "--adopt-telemetry",
        action="store_true",
        help="take over telemetry whose data folder, with the journal in it, is lost",
    )
    migrate.add_argument("--json", action="store_true", help="print the result as JSON")
    doctor = commands.add_parser("doctor", parents=[common], help="check engines, folder, disk, port, clock, schemas")
    doctor.add_argument("--port", type=int, default=8400, help="the port that serve would use")
    doctor.add_argument("--json", action="store_true", help="print the checks as JSON")
    invite = commands.add_parser("invite", parents=[common], help="print a link to sign in by, for one of the staff")
    invite.add_argument("email", help="the person's e-mail address; a known person gets a fresh link")
    invite.add_argument("--name", default="", help="what to call a new person (default: the address before its @)")
    invite.add_argument("--role", default="admin", help="a new person's role: admin, manager, engineer, agent, success")
    invite.add_argument("--json", action="store_true", help="print the link as JSON")
    probe = commands.add_parser("probe", help="play, call, push and ask like a viewer, and report what was seen")
    add_probe_options(probe)
    tail.add_parser(commands)
    add_roster_parser(commands)
    return top


def main() -> None:
    """Run one command; a refusal is one sentence on standard error and exit code 2."""
    arguments = parser().parse_args()
    # What runs beside players and servers, and what only reads a file, needs neither settings nor engines.
    beside = {"probe": run_probe, "tail": tail.run, "oncall": run_roster}
    try:
        sys.exit(beside.get(arguments.command, run_house)(arguments))
    except Refused as refused:
        refuse(refused.sentence)
    except KeyboardInterrupt:
        sys.exit(130)


def run_roster(arguments: argparse.Namespace) -> int:
    """Who is on call when, out of a file. Raises Refused."""
    return int(import_module("aftercare.oncall.roster.command").run(arguments))


def run_probe(arguments: argparse.Namespace) -> int:
    """The probe; without its extra, the sentence that tells what to install."""
    try:
        return int(import_module("aftercare.probe.command").run(arguments))
    except ModuleNotFoundError as missing:
        refuse(MISSING.format(name=missing.name))


def run_house(arguments: argparse.Namespace) -> int:
    """Run a command of the service itself; returns the exit code. Raises Refused."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aftercare.settings")
    if arguments.data:
        os.environ["AFTERCARE_DATA"] = str(arguments.data.absolute())
    if arguments.command == "demo":
        # Where a demo lives is decided before the settings are read.
        import_module("aftercare.serve.demo.place").choose(arguments)
    settle(arguments)
    import_module("django").setup()
    # Only now: the commands' modules hold models, which exist after django.setup().
    return int(import_module("aftercare.serve.commands").run(arguments))


def refuse(sentence: str) -> NoReturn:
    """One sentence on standard error, and exit code 2."""
    Console(stderr=True).print(f"[red]{escape(sentence)}[/red]", highlight=False)
    sys.exit(2)


if __name__ == "__main__":
    main()
