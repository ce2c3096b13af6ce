"""Where a demo lives: a folder of its own, beside and never inside real data; for a check one that goes again."""

import argparse
import os
import socket
import tempfile
from pathlib import Path

from aftercare.kernel.config import default_data_dir


def choose(arguments: argparse.Namespace) -> None:
    """Set the data folder, port and base address in the environment, before the settings are read."""
    if not arguments.data:
        home = default_data_dir(os.environ)
        folder = (
            Path(tempfile.mkdtemp(prefix="aftercare-check-")) if arguments.check else home.with_name("aftercare-demo")
        )
        os.environ["AFTERCARE_DATA"] = str(folder)
    if not arguments.port:
        arguments.port = free_port() if arguments.check else free_port(8400)
    os.environ["AFTERCARE_DEMO"] = "1"
    os.environ["AFTERCARE_BASE_URL"] = f"http://127.0.0.1:{arguments.port}"
    # The demo's pager is a receiver on this very machine.
    os.environ["AFTERCARE_ALLOW_PRIVATE_WEBHOOKS"] = "1"


def free_port(wished: int = 0) -> int:
    """The wished port where it is free, else any free one."""
    for port in (wished, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port")
