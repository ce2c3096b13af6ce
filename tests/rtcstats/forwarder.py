"""Hands connections on to loopback: how a server in a namespace reaches one that listens there alone."""

import contextlib
import socket
import threading
from collections.abc import Iterator


def pump(source: socket.socket, to: socket.socket) -> None:
    """Everything from one to the other, until its end."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def forwarded(host: str, port: int) -> Iterator[int]:
    """The port at `host` that leads to `port` on loopback."""
    with socket.create_server((host, 0)) as listening:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    caller, _ = listening.accept()
                    called = socket.create_connection(("127.0.0.1", port))
                    for ends in ((caller, called), (called, caller)):
                        threading.Thread(target=pump, args=ends, daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield int(listening.getsockname()[1])
