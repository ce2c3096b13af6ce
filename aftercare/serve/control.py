"""The running process's UNIX socket: answers commands that need an engine which only one process may open.

One line of JSON asks (`{"ask": "telemetry"}`), one line answers. The folder is 0700 and the socket 0600: whoever may
open the data may ask.
"""

import contextlib
import json
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aftercare.kernel.errors import Refused
from aftercare.kernel.sockets import reachable_socket_folder

log = logging.getLogger(__name__)
NAME = "control"
PATIENCE_S = 10.0
# A question is one short line from this machine: who sends half of one must not keep the others waiting.
READ_S = 1.0
LONGEST_LINE = 64 << 10

Answers = Mapping[str, Callable[[], dict[str, Any]]]


def address(data_dir: Path) -> str:
    """The socket of a data folder, short enough for the operating system."""
    return str(reachable_socket_folder(data_dir) / NAME)


class NotAnswering(Refused):
    """The process that serves the folder lives and does not answer."""


class Control:
    """A thread that answers one question after the other. Only the holder of the folder's lock may start one."""

    def __init__(self, data_dir: Path, answers: Answers) -> None:
        self._address = address(data_dir)
        self._answers = answers
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)
        Path(self._address).unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(self._address)
        Path(self._address).chmod(0o600)
        self._socket.listen(8)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        Path(self._address).unlink(missing_ok=True)

    def _run(self) -> None:
        while True:
            try:
                link, _ = self._socket.accept()
            except OSError:
                return  # closed
            with link:
                link.settimeout(READ_S)
                try:
                    link.sendall(json.dumps(self._answer(read_line(link))).encode() + b"\n")
                except OSError as error:
                    log.info("a command went away before its answer: %s", error)

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(line)["ask"]
            answer = self._answers[asked]
        except (ValueError, KeyError, TypeError, RecursionError):
            return {"refused": f"the running process knows only these questions: {', '.join(sorted(self._answers))}"}
        try:
            return answer()
        except Exception as error:
            log.exception("the question %r could not be answered", asked)
            return {"refused": f"the running process could not answer: {error}"}


def read_line(link: socket.socket) -> bytes:
    """Bytes up to the first line feed, the end, or LONGEST_LINE."""
    got = b""
    while b"\n" not in got and len(got) <= LONGEST_LINE:
        piece = link.recv(4096)
        if not piece:
            break
        got += piece
    return got


def ask(data_dir: Path, question: str) -> dict[str, Any]:
    """What the process that serves this folder answers. Raises Refused, NotAnswering where it says nothing."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(PATIENCE_S)
        try:
            link.connect(address(data_dir))
            link.sendall(json.dumps({"ask": question}).encode() + b"\n")
            told: dict[str, Any] = json.loads(read_line(link))
        except (OSError, ValueError) as error:
            raise NotAnswering(
                f"the process that serves {data_dir} does not answer on its control socket ({error or 'no answer'}): "
                "look at its log, and restart it if it hangs"
            ) from None
    if "refused" in told:
        raise Refused(str(told["refused"]))
    return told
