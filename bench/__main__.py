"""`bin/bench GROUP [--json]`: measures one group and prints a table, or one JSON line per figure."""

import argparse
import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import (
    desk_chat,
    desk_claims,
    desk_mail,
    desk_size,
    detect,
    door,
    fault,
    incident,
    ingest,
    localise,
    oncall_coverage,
    oncall_delivery,
    oncall_escalations,
    oncall_heartbeats,
    pages,
    sdk,
    watch_group,
)
from bench.figures import Figure, verdict


def watch() -> list[dict[str, Any]]:
    """The watch group: from fault to page, and one evaluation of all monitors."""
    return [fault.fault_to_page().as_row(), *watch_group.monitors()]


# Parts of group `desk`, each given the number of tickets.
DESK: dict[str, Callable[[int], list[Figure]]] = {
    "inbox": desk_size.inbox,
    "search": desk_size.search,
    "claims": lambda tickets: desk_claims.measure(),
    "chat": lambda tickets: [desk_chat.measure()],
    "mail_in": lambda tickets: [desk_mail.mail_in()],
}


def desk(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """The desk group: the parts that are named, all of them when none is."""
    return [figure.as_row() for part in asked.parts or DESK for figure in DESK[part](asked.tickets)]


# Parts of group `oncall`.
ONCALL: dict[str, Callable[[], Figure]] = {
    "coverage": oncall_coverage.measure,
    "delivery": oncall_delivery.measure,
    "escalations": oncall_escalations.measure,
    "heartbeats": oncall_heartbeats.measure,
}


def oncall(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """The on-call group: the parts that are named, all of them when none is."""
    return [ONCALL[part]().as_row() for part in asked.parts or ONCALL]


# Parts of group `incident`.
INCIDENT: dict[str, Callable[[], Figure]] = {
    "broadcast": incident.broadcast,
    "incident_page": incident.incident_page,
    "status_page": incident.status_page,
}


def incidents(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """The incident group: the parts that are named, all of them when none is."""
    return [INCIDENT[part]().as_row() for part in asked.parts or INCIDENT]


GROUPS: dict[str, Callable[[argparse.Namespace], list[dict[str, Any]]]] = {
    "ingest": lambda asked: [figure.as_row() for figure in ingest.measure()],
    "desk": desk,
    "oncall": oncall,
    "incident": incidents,
    "watch": lambda asked: watch(),
    "door": lambda asked: [figure.as_row() for figure in (*door.measure(), *sdk.measure())],
    "pages": lambda asked: [
        figure.as_row() for figure in pages.measure(asked.data or pages.default_folder(), asked.samples)
    ],
    "detect": lambda asked: detect.measure(localise.folder(asked.data)),
    "localise": lambda asked: localise.measure(localise.folder(asked.data), asked.json),
}


def main() -> None:
    """Run one group."""
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("group", choices=GROUPS)
    parser.add_argument(
        "parts", nargs="*", choices=[*DESK, *ONCALL, *INCIDENT, []], help="parts of group desk, oncall or incident"
    )
    parser.add_argument(
        "--tickets", type=int, metavar="N", default=desk_size.TICKETS, help="how many tickets group desk makes"
    )
    parser.add_argument("--json", action="store_true", help="one JSON line per figure")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help=f"where group pages keeps its made data for the next run (default {pages.default_folder()}); "
        "the labelled cases of group localise (default AFTERCARE_BENCH_DATA)",
    )
    parser.add_argument(
        "--samples", type=int, metavar="N", default=pages.SAMPLES, help="how many samples group pages makes"
    )
    arguments = parser.parse_args()
    own = list({"desk": [*DESK], "oncall": [*ONCALL], "incident": [*INCIDENT]}.get(arguments.group, []))
    if not set(arguments.parts) <= set(own):
        parser.error(f"parts of group {arguments.group} are: {', '.join(own) or 'none'}")
    console = Console(stderr=True, highlight=False)
    console.print(f"{platform.machine()}, {machine()}, Python {platform.python_version()}; command: {sys.argv[1:]}")
    rows = GROUPS[arguments.group](arguments)
    if arguments.json:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
        return
    table = Table("name", "value", "unit", "must", "aim", "", "detail")
    for row in rows:
        table.add_row(
            row["name"],
            f"{row['value']:,.4g}",
            row["unit"],
            *map(str, (row["must"], row["aim"])),
            verdict(row),
            row["detail"],
        )
    Console().print(table)


def machine() -> str:
    """Processor and memory of this machine."""
    with Path("/proc/cpuinfo").open() as cpus, Path("/proc/meminfo").open() as memory:
        names = [line.split(":", 1)[1].strip() for line in cpus if line.startswith("model name")]
        total_kb = int(memory.readline().split()[1])
    return f"{len(names)} × {names[0] if names else 'unknown'}, {total_kb / 1024**2:.0f} GiB"


if __name__ == "__main__":
    main()
