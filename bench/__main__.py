"""`bin/bench GROUP [--json]`: measures one group and prints a table, or one JSON line per figure."""

import argparse
import json
import platform
import sys
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import ingest, pages, watch_group
from bench.figures import verdict


def watch() -> list[dict[str, Any]]:
    """The watch group: from fault to page, and one evaluation of all monitors."""
    return [figure.as_row() for figure in ingest.fault_to_page()] + watch_group.monitors()


GROUPS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "ingest": lambda: [figure.as_row() for figure in ingest.measure()],
    "watch": watch,
    "pages": lambda: [figure.as_row() for figure in pages.measure()],
}


def main() -> None:
    """Run one group."""
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("group", choices=GROUPS)
    parser.add_argument("--json", action="store_true", help="one JSON line per figure")
    arguments = parser.parse_args()
    console = Console(stderr=True, highlight=False)
    console.print(f"{platform.machine()}, {machine()}, Python {platform.python_version()}; command: {sys.argv[1:]}")
    rows = GROUPS[arguments.group]()
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
    with open("/proc/cpuinfo") as cpus, open("/proc/meminfo") as memory:
        names = [line.split(":", 1)[1].strip() for line in cpus if line.startswith("model name")]
        total_kb = int(memory.readline().split()[1])
    return f"{len(names)} × {names[0] if names else 'unknown'}, {total_kb / 1024**2:.0f} GiB"


if __name__ == "__main__":
    main()
