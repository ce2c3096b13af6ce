"""`aftercare doctor`: each line is ok, or the sentence that mends it."""

import argparse
import json
import platform
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from django.conf import settings
from rich.console import Console
from rich.table import Table

from aftercare.kernel.errors import Refused
from aftercare.serve.doctor_engines import (
    Running,
    check_auditor,
    check_loops,
    check_migrations,
    check_postgresql,
    check_telemetry,
)
from aftercare.serve.lock import is_served
from aftercare.web.pdf import font_folder

LEAST_FREE = 2 * 1024**3


@dataclass(frozen=True)
class Check:
    """One line of the report."""

    name: str
    ok: bool
    said: str


def report_health(arguments: argparse.Namespace) -> int:
    """Print every check; exit code 1 when one of them is not ok."""
    checks = list(all_checks(arguments.port))
    if arguments.json:
        print(json.dumps([asdict(check) for check in checks]))
    else:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for check in checks:
            table.add_row("[green]ok[/green]" if check.ok else "[red]no[/red]", check.name, check.said)
        Console(highlight=False).print(table)
    return 0 if all(check.ok for check in checks) else 1


def all_checks(port: int) -> Iterator[Check]:
    """Every check in the order in which one would mend."""
    running = Running() if is_served(settings.DATA_DIR) else None
    checks: list[tuple[str, Callable[[], str]]] = [
        ("python", check_python),
        ("data folder", lambda: check_folder(is_served=running is not None)),
        ("disk", check_disk),
        ("clock", check_clock),
        ("postgresql", lambda: check_postgresql(running)),
        ("telemetry engine", lambda: check_telemetry(running)),
        ("migrations", lambda: check_migrations(running)),
        ("loops", lambda: check_loops(running)),
        ("auditor", lambda: check_auditor(running)),
        ("pdf", check_pdf),
        ("port", lambda: check_port(port, is_served=running is not None)),
    ]
    for name, check in checks:
        try:
            yield Check(name, True, check())
        except Refused as refused:
            yield Check(name, False, refused.sentence)


def check_python() -> str:
    """The interpreter's version; the project needs 3.11."""
    return f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def check_folder(*, is_served: bool) -> str:
    """The data folder can be written."""
    folder = settings.DATA_DIR
    probe = folder / ".doctor"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe.write_text("ok")
        probe.unlink()
    except OSError as error:
        raise Refused(f"{folder} cannot be written ({error.strerror}): give another with --data") from None
    return f"{folder}" + (", served by a running process" if is_served else "")


def check_disk() -> str:
    """Room for a day's telemetry at least."""
    try:
        free = shutil.disk_usage(settings.DATA_DIR).free
    except OSError as error:
        raise Refused(f"the room in {settings.DATA_DIR} cannot be told: {error.strerror}") from None
    if free < LEAST_FREE:
        raise Refused(f"only {free / 1024**3:.1f} GiB free where the data is: make room, at least 2 GiB")
    return f"{free / 1024**3:.0f} GiB free"


def check_clock() -> str:
    """The wall clock goes with the monotonic one; whether it is right, only a time server can say."""
    wall, steady = time.time(), time.monotonic()
    time.sleep(0.05)
    drift = abs((time.time() - wall) - (time.monotonic() - steady))
    if drift > 0.5:
        raise Refused("the wall clock jumps: have chrony or systemd-timesyncd keep it")
    return time.strftime("%Y-%m-%d %H:%M:%S %Z")


def check_pdf() -> str:
    """The font is there that documents in Chinese need."""
    return f"documents are set in {font_folder().name}'s font"


def check_port(port: int, *, is_served: bool) -> str:
    """The port is free, or taken by our own process."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            if is_served:
                return f"{port} is taken, and a serve runs on this folder"
            raise Refused(f"port {port} is taken by another program: choose one with --port") from None
    return f"{port} is free"
