"""The command as it is run: killed in the middle, told to stop, and without the rest of the house."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aftercare.tail.tests.receiver import Receiver
from tests.service import ROOT

PROGRAM = [sys.executable, "-m", "aftercare.serve.cli", "tail"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def begin(folder: Path, receiver: Receiver, *words: str, **how: Any) -> "subprocess.Popen[str]":
    command = [*PROGRAM, str(folder / "access.log"), "--server", receiver.base, "--state", str(folder), "--json"]
    environment = {**os.environ, "AFTERCARE_KEY": "secret"}
    return subprocess.Popen(
        [*command, *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how
    )


def test_it_works(tmp_path: Path, receiver: Receiver) -> None:
    (tmp_path / "access.log").write_text("a\nb\n")
    words = ["--once", "--format", "aliyun", "--map", "bytes:size", "--fact", "cdn=own"]
    out, err = begin(tmp_path, receiver, *words).communicate(timeout=60)
    told = {"sent": 2, "accepted": 2, "duplicates": 0, "rejected": 0, "not_cmcd": 0, "lag": 0}
    assert json.loads(out.splitlines()[-1]) == told, err
    assert receiver.requests == [("/v1/cdn-log?format=aliyun&cdn=own&map=bytes%3Asize", "Bearer secret")]


def test_killed_again_and_again_it_loses_and_repeats_nothing(tmp_path: Path, receiver: Receiver) -> None:
    log, written = tmp_path / "access.log", []
    log.touch()
    for turn in range(3):
        receiver.answers = [(0, {})] if turn % 2 else []
        process = begin(tmp_path, receiver)
        count = len(receiver.batches)
        ends = time.monotonic() + 30
        while len(receiver.batches) == count and time.monotonic() < ends:
            with log.open("a") as file:
                file.write(f"{turn} {len(written)}\n")
            written.append(f"{turn} {len(written)}")
            time.sleep(0.01)
        process.kill()
        process.communicate()
        assert len(receiver.batches) > count
    receiver.answers = []
    begin(tmp_path, receiver, "--once").communicate(timeout=60)
    receiver.require(written)


def test_sigterm_ends_it_in_peace(tmp_path: Path, receiver: Receiver) -> None:
    (tmp_path / "access.log").write_text("a\n")
    process = begin(tmp_path, receiver)
    assert process.stdout and json.loads(process.stdout.readline())["sent"] == 1
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [([], "there is no log"), (["--server", "care.example"], "--server is"), (["--fact", "x"], "--fact is")],
)
def test_refuses_in_a_sentence(tmp_path: Path, receiver: Receiver, words: list[str], sentence: str) -> None:
    if words:
        (tmp_path / "access.log").touch()
    process = begin(tmp_path, receiver, "--once", *words)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2 and sentence in err and "Traceback" not in err


def test_it_loads_neither_django_nor_an_engine(tmp_path: Path, receiver: Receiver) -> None:
    (tmp_path / "access.log").write_text("a\n")
    script = (
        "import sys; from aftercare.serve.cli import main\n"
        f"sys.argv = ['aftercare', 'tail', {str(tmp_path / 'access.log')!r}, '--server', {receiver.base!r}, "
        f"'--key', 'k', '--state', {str(tmp_path)!r}, '--once']\n"
        "try:\n    main()\nexcept SystemExit as ended:\n    assert not ended.code\n"
        "print([name for name in ('django', 'chdb', 'psycopg', 'pyarrow', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
    assert receiver.lines == ["a"]
