"""The command `aftercare tail`: its options, and what a person sees of it."""

import argparse
import json
import os
import signal
import threading
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from aftercare.kernel.errors import Refused
from aftercare.tail.position import PositionFile
from aftercare.tail.sending import Sender
from aftercare.tail.tailing import Tail, Totals

FORMATS = ("cmcd", "aliyun", "tencent", "generic")
console = Console(stderr=True, highlight=False)


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to `aftercare`'s."""
    tail = commands.add_parser("tail", help="send a growing access log to a server")
    tail.add_argument("log", type=Path, metavar="LOG", help="the log, by the name under which it is written")
    tail.add_argument("--server", required=True, metavar="URL", help="the server's address")
    tail.add_argument("--key", default="", help="the ingest key (default: the variable AFTERCARE_KEY)")
    tail.add_argument("--format", choices=FORMATS, default="cmcd", help="cmcd (default), or whose CDN's log it is")
    tail.add_argument("--map", default="", metavar="WHAT:FIELD,…", help="fields of other names")
    tail.add_argument("--fact", action="append", default=[], metavar="NAME=VALUE", help="what holds for every line")
    tail.add_argument("--state", type=Path, metavar="DIR", help="where to note how far it has been sent")
    tail.add_argument("--from-end", action="store_true", help="of a log never seen before, only what comes from now on")
    tail.add_argument("--once", action="store_true", help="send what is there, and stop")
    tail.add_argument("--json", action="store_true", help="print the totals after each batch as a line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; returns the exit code. Raises Refused."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    if arguments.once and not arguments.log.is_file():
        raise Refused(f"there is no log {arguments.log}")
    sender = sender_of(arguments)
    status = console.status(f"sending {arguments.log}")

    def show(totals: Totals, trouble: str) -> None:
        status.update(line_of(totals))
        if trouble:
            console.print(f"[yellow]{escape(trouble)}[/yellow]")
        elif arguments.json:
            print(json.dumps(asdict(totals)), flush=True)

    with PositionFile(state_folder(arguments.state), arguments.log, sender.address) as positions, status:
        tail = Tail(arguments.log, sender, positions, wait=stopping.wait, show=show)
        tail.run(once=arguments.once, from_end=arguments.from_end)
    if not arguments.json:
        console.print(line_of(tail.totals))
    return 0


def sender_of(arguments: argparse.Namespace) -> Sender:
    """The way to the server. Raises Refused."""
    key = arguments.key or os.environ.get("AFTERCARE_KEY", "")
    if not key:
        raise Refused("there is no ingest key: give one with --key, or in the variable AFTERCARE_KEY")
    query = {}
    for fact in arguments.fact:
        name, equals, value = fact.partition("=")
        if not name or not equals:
            raise Refused(f"--fact is {fact!r}: write NAME=VALUE")
        query[name] = value
    if arguments.map:
        query["map"] = arguments.map
    if arguments.format == "cmcd":
        return Sender(arguments.server, key, path="/v1/cmcd-log", query=query)
    return Sender(arguments.server, key, path="/v1/cdn-log", query={"format": arguments.format, **query})


def state_folder(asked: Path | None) -> Path:
    """The folder for positions: as asked, else in the user's state home (XDG)."""
    home = os.environ.get("XDG_STATE_HOME") or str(Path(os.environ.get("HOME", "/")) / ".local" / "state")
    return asked or Path(home) / "aftercare" / "tail"


def line_of(totals: Totals) -> str:
    """The totals in words."""
    told = f"{totals.sent:,} lines sent, {totals.rejected:,} refused, {totals.lag / 1024:,.0f} KiB behind"
    return told + (f", {totals.not_cmcd:,} without CMCD" if totals.not_cmcd else "")
