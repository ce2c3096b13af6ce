"""Bytes both ways between two connections."""

import contextlib
import os
import select
import socket
import subprocess
import sys
from collections.abc import Callable

CHUNK = 1 << 16
READY = b"."
CALLER_S = 30.0


def bridge(client: socket.socket, upstream: socket.socket, count: Callable[[int], bool]) -> None:
    """Pass bytes on until either side is done, or `count`, told of each piece from upstream, says no."""
    while True:
        for source in select.select([client, upstream], [], [])[0]:
            data = source.recv(CHUNK)
            if not data:
                return
            if source is client:
                upstream.sendall(data)
                continue
            client.sendall(data)
            if not count(len(data)):
                return


def lend(upstream: socket.socket, most_bytes: int) -> int:
    """A port on loopback whose first caller gets this connection: for a library that would open its own.

    Served by a process of its own: the library holds the interpreter's lock while it opens what it writes to.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener, upstream:
        upstream.setblocking(True)
        kept = listener.fileno(), upstream.fileno()
        command = [sys.executable, "-m", __name__, *map(str, (*kept, most_bytes))]
        relay = subprocess.Popen(command, pass_fds=kept, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        if relay.stdout is not None:
            relay.stdout.read(len(READY))  # its start is no part of what is measured
        return int(listener.getsockname()[1])


def serve(listener_fd: int, upstream_fd: int, most_bytes: int) -> None:
    """Give the connection to the first caller."""
    left = most_bytes

    def count(received: int) -> bool:
        nonlocal left
        left -= received
        return left > 0

    with socket.socket(fileno=listener_fd) as listener, socket.socket(fileno=upstream_fd) as upstream:
        listener.settimeout(CALLER_S)
        os.write(1, READY)
        client, _ = listener.accept()
        with client, contextlib.suppress(OSError):
            bridge(client, upstream, count)


if __name__ == "__main__":
    serve(*map(int, sys.argv[1:]))
