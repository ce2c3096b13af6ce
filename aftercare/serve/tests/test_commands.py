"""The command line beside one real server: doctor, migrate and invite, each while it serves and while it does not."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aftercare.kernel.sockets import LONGEST_FOLDER
from tests.service import ROOT, Service, free_port
from tests.visitor import Visitor, path_of

FIRST = "first@provider.example"
PASSWORD = "correct horse battery staple"
CHECKS = [
    *("python", "data folder", "disk", "clock", "postgresql"),
    *("telemetry engine", "migrations", "loops", "auditor", "pdf", "port"),
]


def aftercare(server: Service, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """One command on the server's folder, its words on one line each."""
    command = [sys.executable, "-m", "aftercare.serve.cli", *words]
    done = subprocess.run(
        command, cwd=ROOT, env={**server.environment, **environment}, capture_output=True, text=True, timeout=90
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def refusal(done: "subprocess.CompletedProcess[str]") -> str:
    """The one sentence of a refused command."""
    assert (done.returncode, done.stdout) == (2, ""), done.stdout
    return " ".join(done.stderr.split())


def checks_of(server: Service, **environment: str) -> tuple[int, dict[str, tuple[bool, str]]]:
    """doctor's exit code and lines."""
    done = aftercare(server, "doctor", "--json", "--port", str(server.port), **environment)
    lines = json.loads(done.stdout)
    return done.returncode, {line["name"]: (line["ok"], line["said"]) for line in lines}


def invited(server: Service, email: str, *words: str) -> dict[str, Any]:
    """What invite prints as JSON."""
    done = aftercare(server, "invite", email, "--json", *words)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def idle() -> Iterator[Service]:
    """A folder of its own, deeper than a socket's address may be, that nobody serves yet."""
    with tempfile.TemporaryDirectory(prefix="aftercare-commands-") as place:
        folder = Path(place) / ("deep " * 20).strip() / "data"
        assert len(os.fsencode(folder)) > LONGEST_FOLDER
        folder.parent.mkdir()
        service = Service(folder)
        del service.environment["AFTERCARE_BASE_URL"]
        yield service


@pytest.fixture(scope="module")
def served(idle: Service) -> Iterator[Service]:
    """The same folder, served."""
    idle.start()
    yield idle
    if idle._process is not None and idle._process.poll() is None:
        idle.stop()


def test_doctor_before_the_first_start(idle: Service) -> None:
    code, checks = checks_of(idle)
    assert code == 0
    assert list(checks) == CHECKS
    assert all(ok for ok, _ in checks.values()), checks
    assert checks["data folder"][1] == str(idle.folder)
    assert "embedded, wheel" in checks["postgresql"][1]
    assert checks["telemetry engine"][1].endswith("embedded")
    assert "applied when serve starts" in checks["migrations"][1]
    assert checks["loops"][1] == checks["auditor"][1] == "no serve runs on this folder"
    assert checks["port"][1] == f"{idle.port} is free"


def test_doctor_prints_a_line_for_each(idle: Service) -> None:
    done = aftercare(idle, "doctor", "--port", str(idle.port))
    assert done.returncode == 0
    for name in CHECKS:
        assert any(line.split()[:2] == ["ok", name.split()[0]] for line in done.stdout.splitlines()), done.stdout


def test_doctor_says_what_is_wrong(idle: Service) -> None:
    """A folder that cannot be, databases that are not there, a port that is taken: each its own sentence."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = aftercare(
            idle,
            *("doctor", "--json", "--port", str(taken.getsockname()[1])),
            AFTERCARE_DATA="/dev/null/data",
            AFTERCARE_SECRET_KEY="given",
            AFTERCARE_DATABASE_URL=f"postgresql://care:word@127.0.0.1:{free_port()}/care",
            AFTERCARE_CLICKHOUSE_URL=f"http://127.0.0.1:{free_port()}",
        )
    assert done.returncode == 1
    said = {line["name"]: line["said"] for line in json.loads(done.stdout) if not line["ok"]}
    assert set(said) == {"data folder", "disk", "postgresql", "telemetry engine", "migrations", "port"}
    assert "/dev/null/data cannot be written" in said["data folder"]
    assert "--data" in said["data folder"]
    assert "check AFTERCARE_DATABASE_URL" in said["postgresql"] and "check AFTERCARE_DATABASE_URL" in said["migrations"]
    assert "check AFTERCARE_CLICKHOUSE_URL" in said["telemetry engine"]
    assert "another program" in said["port"]


@pytest.mark.parametrize("command", ["doctor", "migrate", "serve", "invite", "demo"])
def test_a_folder_that_cannot_be_is_told_in_a_sentence(idle: Service, command: str) -> None:
    words = [command, *(["a@b.example"] if command == "invite" else []), "--data", "/dev/null/data"]
    said = refusal(aftercare(idle, *words))
    assert "/dev/null/data" in said and "give another with --data" in said


def test_migrate_makes_both_schemas(idle: Service) -> None:
    done = aftercare(idle, "migrate", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["ok"] and told["telemetry"][0].startswith("0001")
    assert (idle.folder / "postgresql" / "PG_VERSION").exists()


LINKS: list[str] = []


def test_the_first_administrator_is_invited_before_anything_runs(idle: Service) -> None:
    told = invited(idle, FIRST, "--name", "First Person")
    assert told["email"] == FIRST
    assert told["link"].startswith("http://127.0.0.1:8400/invitations/")
    LINKS.append(told["link"])


def test_serve_says_where_once_it_listens(served: Service) -> None:
    said = " ".join(served.log().split())
    assert f"Aftercare serves http://127.0.0.1:{served.port} from {served.folder}" in said


def test_the_first_administrator_signs_in_by_the_link(served: Service) -> None:
    link = LINKS.pop() if LINKS else invited(served, FIRST)["link"]
    visitor = Visitor(served.port)
    assert FIRST in visitor.get(path_of(link)).text
    assert visitor.post(path_of(link), password=PASSWORD, again=PASSWORD).status == 302
    assert visitor.get(path_of(link)).status == 410, "a link works once"
    assert visitor.sign_in(FIRST, PASSWORD)
    assert visitor.get("/staff").status == 200


def test_outside_a_demo_its_addresses_do_not_exist(served: Service) -> None:
    """Neither for somebody signed out nor for an administrator; nor is there the stream."""
    link = invited(served, "second@provider.example")["link"]
    admin = Visitor(served.port)
    assert admin.post(path_of(link), password=PASSWORD, again=PASSWORD).status == 302
    assert admin.sign_in("second@provider.example", PASSWORD)
    assert "/try" not in admin.get("/").text
    for visitor in (admin, Visitor(served.port)):
        for path in ("/try", "/try/story", "/demo/enter/first?key=x", "/demo/as/first", "/demo/live/x/index.m3u8"):
            assert visitor.get(path).status == 404, path
        visitor.get("/accounts/password/reset/")  # for its form's token
        for path in ("/demo/as/first", "/demo/live/x/throttle"):
            assert visitor.post(path).status == 404, path


def test_a_known_person_gets_a_fresh_link(served: Service) -> None:
    """While it serves, the link leads to this very server."""
    old, fresh = invited(served, "eng@provider.example", "--role", "engineer"), invited(served, "ENG@provider.example")
    assert old["link"] != fresh["link"]
    assert fresh["link"].startswith(f"http://127.0.0.1:{served.port}/invitations/")
    visitor = Visitor(served.port)
    assert visitor.get(path_of(old["link"])).status == 410
    assert visitor.get(path_of(fresh["link"])).status == 200


@pytest.mark.parametrize("role", ["boss", "owner"])
def test_invite_rejects_roles_of_nobody_and_of_the_other_side(served: Service, role: str) -> None:
    said = refusal(aftercare(served, "invite", "x@provider.example", "--role", role))
    assert said == "This role does not exist on this side."


def test_doctor_asks_the_running_process(served: Service) -> None:
    code, checks = checks_of(served)
    assert code == 0, checks
    assert "served by a running process" in checks["data folder"][1]
    assert checks["postgresql"][1].startswith("version 18") and "answering" in checks["postgresql"][1]
    assert "answering, roll-ups 0 commits behind" in checks["telemetry engine"][1]
    assert checks["migrations"][1].startswith("none pending")
    assert "loops, all with a good round" in checks["loops"][1]
    assert checks["auditor"][1].startswith("0 open pages, all with a live next step, audited ")
    assert "no dead-man hears of it (AFTERCARE_DEADMAN_URL)" in checks["auditor"][1]
    assert "is taken, and a serve runs" in checks["port"][1]


def test_migrate_only_asks_the_running_process(served: Service) -> None:
    done = aftercare(served, "migrate")
    assert done.returncode == 0, done.stderr
    assert "both schemas are up to date" in done.stdout


def test_a_second_serve_is_refused(served: Service) -> None:
    said = refusal(aftercare(served, "serve", "--port", str(free_port())))
    assert f"(process {served.pid})" in said and "--data" in said


def test_a_taken_port_is_told_in_a_sentence(served: Service) -> None:
    said = refusal(aftercare(served, "serve", "--port", str(served.port), "--data", f"{served.folder}-2"))
    assert f"port {served.port} cannot be used" in said


def ask_raw(server: Service, question: bytes, *, is_whole: bool = True) -> bytes:
    """What the control socket answers to these bytes; the other half stays open unless they are whole."""
    descriptor = os.open(server.folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(20)
            link.connect(f"/proc/self/fd/{descriptor}/control")
            link.sendall(question)
            if is_whole:
                link.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: link.recv(4096), b""))
    finally:
        os.close(descriptor)


def test_the_control_socket_is_its_owners(served: Service) -> None:
    assert (served.folder / "control").stat().st_mode & 0o777 == 0o600
    assert served.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "question",
    [
        b'{"ask": "secrets"}\n',
        b'{"ask": ["loops"]}\n',
        b'{"tell": 1}\n',
        b"[]\n",
        b"\xff\xfe\n",
        b"\n",
        b"",
        b'{"ask": "lo',
        b"[" * 60_000 + b"\n",
        b"x" * 200_000,
    ],
    ids=range(10),
)
def test_the_control_socket_rejects_what_is_no_question(served: Service, question: bytes) -> None:
    try:
        told = json.loads(ask_raw(served, question))
    except (ConnectionError, BrokenPipeError):
        assert len(question) > 64 << 10, "only what is far too long is cut off"
    else:
        assert told == {"refused": told["refused"]}
        assert "knows only these questions: address, loops, migrations, telemetry" in told["refused"]
    assert "seconds_since_round" in json.loads(ask_raw(served, b'{"ask": "loops"}\n'))


def test_half_a_question_holds_nobody_up(served: Service) -> None:
    assert ask_raw(served, b'{"ask": "lo', is_whole=False) == b""
    assert "base_url" in json.loads(ask_raw(served, b'{"ask": "address"}\n'))


def test_doctor_says_when_the_running_process_does_not_answer(served: Service) -> None:
    os.kill(served.pid, signal.SIGSTOP)
    try:
        code, checks = checks_of(served)
    finally:
        os.kill(served.pid, signal.SIGCONT)
    assert code == 1
    wrong = {name: said for name, (ok, said) in checks.items() if not ok}
    assert set(wrong) == {"telemetry engine", "migrations", "loops"}
    for said in wrong.values():
        assert f"the process that serves {served.folder} does not answer on its control socket" in said


def test_sigterm_ends_it_and_leaves_nothing_running(served: Service) -> None:
    server = int((served.folder / "postgresql" / "postmaster.pid").read_text().split("\n", 1)[0])
    assert served.stop() < 10
    assert served._process is not None and served._process.returncode == 0
    assert not Path(f"/proc/{server}").exists()
    assert not (served.folder / "control").exists()
    assert checks_of(served)[0] == 0
