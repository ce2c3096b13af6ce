"""Debian's PostgreSQL 15, started by hand in a folder of its own."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from aftercare.serve.postgres import die_with_parent, unprivileged_account
from tests.service import free_port

PROGRAMS = Path("/usr/lib/postgresql/15/bin")


class DebianPostgres:
    """One cluster; it may be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._base = f"postgresql://aftercare:p%40ss%2F@127.0.0.1:{self.port}"
        self.url = f"{self._base}/aftercare"
        self._child: subprocess.Popen[bytes] | None = None
        account = unprivileged_account()
        self._as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        word = folder / "word"
        word.write_text("p@ss/")
        options = ["-U", "aftercare", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(
            [PROGRAMS / "initdb", "-D", folder / "db", f"--pwfile={word}", *options],
            check=True,
            capture_output=True,
            cwd="/",
            **self._as,
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = ["-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        with (self.folder / "log").open("ab") as log:
            self._child = subprocess.Popen(
                [PROGRAMS / "postgres", "-D", self.folder / "db", *options, "-c", "fsync=off"],
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=die_with_parent,
                **self._as,
            )
        while True:
            assert self._child.poll() is None, (self.folder / "log").read_text()
            try:
                with psycopg.connect(f"{self._base}/postgres", autocommit=True) as connection:
                    if not connection.execute("select 1 from pg_database where datname = 'aftercare'").fetchone():
                        connection.execute("create database aftercare")
                return
            except psycopg.OperationalError:
                time.sleep(0.1)

    def another(self, name: str) -> str:
        """An empty database beside it; its address."""
        with psycopg.connect(f"{self._base}/postgres", autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return f"{self._base}/{name}"

    def stop(self) -> None:
        """Cut every session and stop."""
        if self._child is not None:
            self._child.send_signal(2)
            self._child.wait(20)


@contextmanager
def postgres15() -> Iterator[DebianPostgres]:
    """A running server of Debian's, with an empty database `aftercare`."""
    assert (PROGRAMS / "postgres").exists(), "PostgreSQL 15 is missing: bin/test installs it (postgresql-15)"
    with TemporaryDirectory(prefix="aftercare-postgres15-") as place:
        Path(place).chmod(0o755)
        server = DebianPostgres(Path(place))
        server.start()
        try:
            yield server
        finally:
            server.stop()
