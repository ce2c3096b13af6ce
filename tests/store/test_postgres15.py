"""Debian's PostgreSQL 15, the oldest that we say we run on: migrations, and the tests that lean on its locks."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.service import ROOT
from tests.store.debian import PROGRAMS, DebianPostgres, postgres15
from tests.store.schemas import schema_of

# What leans on the server itself: SKIP LOCKED, LISTEN and NOTIFY, triggers, window functions, row locks.
LEANING = [
    "aftercare/audit/tests/test_append_only.py",
    "aftercare/notify/tests/test_engine.py",
    "aftercare/notify/tests/test_two_workers.py",
    "aftercare/oncall/tests/test_engine.py",
    "aftercare/oncall/tests/test_two_workers.py",
    "aftercare/incidents/tests/test_engine.py",
    "aftercare/watch/tests/test_at_once.py",
]


@pytest.fixture(scope="module")
def server() -> Iterator[DebianPostgres]:
    """A server for this file; only a system that has no PostgreSQL 15 to install may do without, and says so."""
    if not PROGRAMS.exists() and "VERSION_CODENAME=bookworm" not in Path("/etc/os-release").read_text():
        pytest.skip("this system's packages have no PostgreSQL 15; on Debian 12 bin/test installs postgresql-15")
    with postgres15() as server:
        yield server


def run(server: DebianPostgres, *command: str, url: str = "") -> str:
    """A program of ours on this server; its output."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCARE_")}
    environment = {
        **kept,
        "AFTERCARE_DATABASE_URL": url or server.url,
        "AFTERCARE_TESTS_DATABASE_URL": server.url,
        "AFTERCARE_DATA": str(server.folder / "data"),
        "DJANGO_SETTINGS_MODULE": "aftercare.settings",
    }
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def test_it_works(server: DebianPostgres) -> None:
    run(server, "aftercare.serve.manage", "migrate", "--verbosity", "0")
    run(server, "aftercare.serve.manage", "migrate", "--check")
    with psycopg.connect(server.url) as connection:
        (version,) = connection.execute("show server_version").fetchone() or ("",)
        assert version.startswith("15.")
        assert connection.execute("select count(*) from django_migrations").fetchone() != (0,)


def test_the_first_schema_is_that_of_all_migrations(server: DebianPostgres) -> None:
    """What an empty database begins with at once, beside what came out of one migration after another."""
    url = server.another("at_once")
    run(server, "aftercare.serve.cli", "migrate", url=url)
    run(server, "aftercare.serve.manage", "migrate", "--verbosity", "0")
    at_once, one_by_one = schema_of(url), schema_of(server.url)
    # Django's own migration of this table asks for a larger key than its model does.
    larger = "('auth_group_permissions', 'id', 'int"
    for part, rows in one_by_one.items():
        assert rows, part
        kept = [row for row in rows if not row.startswith(larger)]
        assert [row for row in at_once[part] if not row.startswith(larger)] == kept, part
    assert len(at_once["triggers"]) > 3


def test_the_rooms_run_on_it(server: DebianPostgres) -> None:
    said = run(server, "pytest", "-q", "-p", "no:cacheprovider", *LEANING)
    assert "passed" in said
    assert "skipped" not in said
