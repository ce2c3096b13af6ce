"""Where a demo lives: a folder of its own, beside and never inside real data; for a check one that goes again."""

import argparse
import atexit
import os
import shutil
import socket
import tempfile
from pathlib import Path

from aftercare.kernel.config import default_data_dir
from aftercare.kernel.errors import Refused
from aftercare.serve.lock import is_served

# Which databases real data may be in. A demo has its own and never looks at these.
REAL_DATABASES = ("AFTERCARE_DATABASE_URL", "AFTERCARE_CLICKHOUSE_URL")
MARK = "demo"  # its presence says that a demo made the folder
MADE = "demo-keys.json"  # written when the world is whole; all that folders from before the mark have


def choose(arguments: argparse.Namespace) -> None:
    """Set the data folder, port and base address in the environment, before the settings are read. Raises Refused."""
    for name in REAL_DATABASES:
        os.environ.pop(name, None)
    folder = arguments.data.absolute() if arguments.data else own_folder(is_check=arguments.check)
    claim(folder)
    os.environ["AFTERCARE_DATA"] = str(folder)
    if not arguments.port:
        arguments.port = free_port() if arguments.check else free_port(8400)
    os.environ["AFTERCARE_DEMO"] = "1"
    os.environ["AFTERCARE_BASE_URL"] = f"http://127.0.0.1:{arguments.port}"
    # The demo's pager is a receiver on this very machine.
    os.environ["AFTERCARE_ALLOW_PRIVATE_WEBHOOKS"] = "1"


def own_folder(*, is_check: bool) -> Path:
    """Beside the default data folder; for a check a temporary one that goes with this process, however it ends."""
    if not is_check:
        return default_data_dir(os.environ).with_name("aftercare-demo")
    folder = Path(tempfile.mkdtemp(prefix="aftercare-check-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def claim(folder: Path) -> None:
    """Mark the folder as a demo's. Raises Refused where it holds anything that no demo made."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = {path.name for path in folder.iterdir()}
        if found and not found & {MARK, MADE}:
            raise Refused(f"{folder} holds data that no demo made: give the demo an empty folder with --data")
        if found and MADE not in found and not is_served(folder):
            # Killed while it made its world: half of one is worth nothing, and a whole one takes seconds.
            for part in ("postgresql", "telemetry", "postgresql.password"):
                path = folder / part
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        (folder / MARK).touch(mode=0o600)
    except OSError as error:
        raise Refused(f"{folder} cannot be used for a demo ({error.strerror}): give another with --data") from None


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
