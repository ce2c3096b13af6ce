"""A log that grows, is rotated and cut, while the server answers, refuses or is away: each line arrives once."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aftercare.kernel.errors import Refused
from aftercare.tail.log_file import LONGEST_LINE, MOST_BYTES, MOST_LINES
from aftercare.tail.position import PositionFile
from aftercare.tail.sending import Sender
from aftercare.tail.tailing import LINGER_S, Tail, Totals
from aftercare.tail.tests.receiver import Answer, Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


class Run:
    """One log in a folder; `steps` happen one after another whenever the tail waits, then it is told to stop."""

    def __init__(self, folder: Path, receiver: Receiver, *, state: Path | None = None) -> None:
        self.log = folder / "access.log"
        self.receiver = receiver
        self.written: list[str] = []
        self.troubles: list[str] = []
        self.now = 0.0
        self._state = state or folder / "state"

    def write(self, *lines: str, to: Path | None = None) -> None:
        """Append whole lines."""
        self.written += lines
        with (to or self.log).open("a") as file:
            file.writelines(f"{line}\n" for line in lines)

    def tail(self, *steps: Callable[[], object], once: bool = False, from_end: bool = False) -> Totals:
        """Run until the steps are over and two more rounds have passed."""
        left = [*steps, lambda: None, lambda: None, lambda: None, lambda: None]

        def wait(seconds: float) -> bool:
            self.now += max(seconds, LINGER_S + 1)
            if not left:
                return True
            left.pop(0)()
            return False

        def show(totals: Totals, trouble: str) -> None:
            self.troubles += [trouble] if trouble else []

        sender = Sender(self.receiver.base, "secret", path="/v1/cmcd-log", query={})
        with PositionFile(self._state, self.log, sender.address) as positions:
            tail = Tail(self.log, sender, positions, wait=wait, show=show, clock=lambda: self.now)
            tail.run(once=once, from_end=from_end)
        return tail.totals

    def require_all(self) -> None:
        self.receiver.require(self.written)


@pytest.fixture
def run(tmp_path: Path, receiver: Receiver) -> Run:
    return Run(tmp_path, receiver)


def test_it_works(run: Run) -> None:
    run.write("a", "b")
    totals = run.tail(lambda: run.write("c"), lambda: run.write("d", "e"))
    run.require_all()
    assert (totals.sent, totals.accepted, totals.lag) == (5, 5, 0)
    assert run.receiver.requests[0] == ("/v1/cmcd-log", "Bearer secret")


def test_a_second_run_goes_on_where_the_first_stopped(run: Run) -> None:
    run.write("a")
    assert run.tail(once=True).sent == 1
    run.write("b")
    assert run.tail(once=True).sent == 1
    assert run.tail(once=True).sent == 0
    run.require_all()


def test_many_lines_go_in_batches(run: Run) -> None:
    run.write(*(f"line {n}" for n in range(2 * MOST_LINES + 5)))
    run.tail(once=True)
    run.require_all()
    assert sorted(map(len, run.receiver.batches.values())) == [5, MOST_LINES, MOST_LINES]


def test_a_line_waits_for_its_end_unless_the_file_is_over(run: Run) -> None:
    run.log.write_text("half")
    assert run.tail(lambda: None).sent == 0
    with run.log.open("a") as file:
        file.write(" and whole\nlast")
    run.tail(once=True)
    run.receiver.require(["half and whole", "last"])


def test_a_renamed_log_is_read_to_its_end_then_the_new_one(run: Run) -> None:
    old = run.log.with_name("access.log.1")
    run.write("a")
    run.tail(
        lambda: run.write("b"),
        lambda: run.log.rename(old),
        lambda: run.write("late", to=old),
        lambda: run.write("new"),
        lambda: run.write("very late", to=old),
        lambda: run.write("newer"),
    )
    run.require_all()


def test_a_log_that_is_copied_and_cut_is_read_on(run: Run) -> None:
    def cut() -> None:
        run.write("unseen")
        shutil.copy(run.log, run.log.with_name("access.log.1"))
        os.truncate(run.log, 0)
        run.write("after")

    run.write("a", "b")
    run.tail(lambda: run.write("c"), cut, lambda: run.write("more"))
    run.require_all()


def test_a_cut_log_that_grew_past_the_old_place_is_seen_to_be_new(run: Run) -> None:
    def cut() -> None:
        os.truncate(run.log, 0)
        run.write("much longer than it was before it was cut")

    run.write("short")
    run.tail(lambda: None, cut)
    run.require_all()


@pytest.mark.parametrize("is_copied", [False, True])
def test_rotations_while_nobody_looked(run: Run, is_copied: bool) -> None:
    def rotate() -> None:
        for number in (2, 1):
            beside = run.log.with_name(f"access.log.{number}")
            if beside.exists():
                beside.rename(run.log.with_name(f"access.log.{number + 1}"))
        if is_copied:
            shutil.copy2(run.log, run.log.with_name("access.log.1"))
            os.truncate(run.log, 0)
        else:
            run.log.rename(run.log.with_name("access.log.1"))

    run.write("a")
    run.tail(once=True)
    for number, line in enumerate(("b", "c", "d")):
        run.write(line)
        os.utime(run.log, (number, number))
        if line != "d":
            rotate()
    run.tail(once=True)
    run.require_all()


@pytest.mark.parametrize("name", ["access.log.1", "access.log-20261125", "access-20261125.log", "access.log.old"])
def test_only_what_a_rotation_made_is_taken_for_the_log(tmp_path: Path, receiver: Receiver, name: str) -> None:
    # The position is noted beside the log, among files that begin like it.
    run = Run(tmp_path, receiver, state=tmp_path)
    run.write("a")
    run.tail(once=True)
    run.write("b")
    run.log.rename(tmp_path / name)
    for other in ("access.log.swp", "access.log.1.gz", "access.log.json", "access.logs"):
        (tmp_path / other).write_text("not of the log\n")
    run.write("c")
    run.tail(once=True)
    run.require_all()


def test_a_file_that_is_gone_is_told(run: Run) -> None:
    run.write("a")
    run.tail(once=True)
    run.log.unlink()
    run.written.clear()
    run.log.with_name("other").write_text("")
    run.write("another beginning")
    run.tail(once=True)
    assert run.receiver.lines == ["a", "another beginning"]
    assert any("is gone" in trouble for trouble in run.troubles)


def test_a_log_that_comes_later(run: Run) -> None:
    run.tail(lambda: None, lambda: run.write("first"))
    run.require_all()


@pytest.mark.parametrize(
    "answers",
    [
        [(503, {"Retry-After": "7"}), (429, {}), (500, {}), (408, {})],
        [(0, {})],
        [(502, {}), (0, {}), (0, {}), (504, {})],
    ],
)
def test_a_server_that_fails_gets_the_same_batch_again(run: Run, answers: list[Answer]) -> None:
    run.write("a", "b")
    run.receiver.answers = list(answers)
    # Lines that come meanwhile do not change what is sent again under the same name.
    run.tail(lambda: run.write("c"), *[lambda: None] * len(answers), lambda: run.write("d"))
    run.require_all()
    assert run.troubles


def test_stopped_while_the_answer_was_lost(run: Run) -> None:
    run.write("a", "b")
    run.receiver.answers = [(0, {})] * 20
    run.tail(lambda: run.write("c"))
    run.receiver.answers = []
    run.write("d")
    run.tail(once=True)
    run.require_all()


def test_it_waits_as_long_as_the_server_asks(run: Run) -> None:
    run.write("a")
    run.receiver.answers = [(429, {"Retry-After": "41"})]
    run.tail()
    assert run.now >= 41


def test_a_line_of_over_64_kilobytes_is_left_out(run: Run) -> None:
    run.write("a")
    with run.log.open("a") as file:
        file.write("x" * (LONGEST_LINE + 1) + "\n" + "y" * (3 * MOST_BYTES) + "\n")
    run.write("b")
    totals = run.tail(once=True)
    assert {"a", "b"} <= set(run.receiver.lines) and totals.rejected >= 2
    assert all(len(line) <= LONGEST_LINE for line in run.receiver.lines)


def test_from_the_end(run: Run) -> None:
    run.log.write_text("old\n")
    run.tail(lambda: run.write("new"), from_end=True)
    run.require_all()


@pytest.mark.parametrize(
    ("status", "sentence"), [(401, "does not know this key"), (410, "revoked"), (301, "points to")]
)
def test_refuses_what_a_person_must_mend(run: Run, status: int, sentence: str) -> None:
    run.write("a")
    run.receiver.answers = [(status, {"Location": "https://elsewhere.example"})]
    with pytest.raises(Refused, match=sentence):
        run.tail()
    run.tail(once=True)
    run.require_all()


def test_refuses_a_log_of_another_format(run: Run) -> None:
    run.write(*"abcdefghijklmnopqrstuvwxyz")
    run.receiver.answers = [(400, {})]
    with pytest.raises(Refused, match="is --format right"):
        run.tail()
    run.tail(once=True)
    run.require_all()


def test_goes_on_after_a_few_bad_lines(run: Run) -> None:
    run.write("bad")
    run.receiver.answers = [(400, {})]
    totals = run.tail(lambda: None, lambda: run.write("good"))
    assert (run.receiver.lines, totals.rejected) == (["good"], 1)


def test_refuses_a_second_reader(run: Run) -> None:
    run.write("a")
    with pytest.raises(Refused, match="already"):
        run.tail(lambda: run.tail())
