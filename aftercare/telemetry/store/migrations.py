"""Numbered SQL migrations, the same files for chDB, a server and a cluster."""

import re
from pathlib import Path

from aftercare.telemetry.store.client import ClientPool

FOLDER = Path(__file__).parent.parent / "sql"
ENGINE = re.compile(r"\{engine:(\w+)\}")


def migration_files() -> list[Path]:
    """All migrations in their order."""
    return sorted(FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def statements(text: str, *, cluster: str) -> list[str]:
    """The statements of a migration with engine names and ON CLUSTER filled in for the mode."""
    bare = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    filled = bare.replace("{local}", "_local" if cluster else "")
    filled = filled.replace("{on_cluster}", f"ON CLUSTER '{cluster}'" if cluster else "")
    filled = ENGINE.sub(lambda m: f"Replicated{m[1]}" if cluster else m[1], filled)
    found = [statement.strip() for statement in filled.split(";") if statement.strip()]
    return [*found, *(distributed(s, cluster) for s in found if s.startswith("CREATE TABLE"))] if cluster else found


def distributed(create: str, cluster: str) -> str:
    """The statement for the distributed table over a local one; a customer's rows stay on one shard."""
    match = re.match(r"CREATE TABLE IF NOT EXISTS (\w+)_local", create)
    if match is None:
        raise ValueError(f"not the creation of a local table: {create[:80]}")
    name = match[1]
    return (
        f"CREATE TABLE IF NOT EXISTS {name} ON CLUSTER '{cluster}' AS {name}_local "
        f"ENGINE = Distributed('{cluster}', currentDatabase(), {name}_local, customer)"
    )


def pending(pool: ClientPool) -> list[Path]:
    """The migrations that this engine has not had."""
    pool.command(
        "CREATE TABLE IF NOT EXISTS migrations (name String, at DateTime DEFAULT now()) "
        "ENGINE = MergeTree ORDER BY name SETTINGS fsync_after_insert = 1"
    )
    done = {row[0] for row in pool.rows("SELECT name FROM migrations")}
    return [path for path in migration_files() if path.stem not in done]


def migrate(pool: ClientPool) -> list[str]:
    """Apply what is pending, in order; returns the names. Every statement may be repeated after a crash."""
    applied = []
    for path in pending(pool):
        for statement in statements(path.read_text(), cluster=pool.address.cluster):
            pool.command(statement)
        pool.command("INSERT INTO migrations (name) VALUES ({name:String})", {"name": path.stem})
        applied.append(path.stem)
    return applied
