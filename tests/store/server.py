"""The listener in a process and a folder of its own."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from tests.service import ROOT, free_port
from tests.store.listener import PASSWORD, USER


@contextmanager
def clickhouse() -> Iterator[str]:
    """A server's address, as AFTERCARE_CLICKHOUSE_URL has it."""
    with tempfile.TemporaryDirectory(prefix="aftercare-clickhouse-") as place:
        port = free_port()
        command = [sys.executable, "-m", "tests.store.listener", f"{place}/engine", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout and process.stdout.readline() == "listening\n", "the listener did not start"
            yield f"http://{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/default"
        finally:
            process.terminate()
            process.wait(10)
