"""UNIX socket addresses for data folders of any depth."""

import functools
import os
from pathlib import Path

# sockaddr_un.sun_path holds 108 bytes with its end mark; the longest name we put in a folder is ".s.PGSQL.5432".
LONGEST_FOLDER = 107 - len("/.s.PGSQL.5432.lock")


@functools.cache
def reachable_socket_folder(folder: Path) -> Path:
    """`folder`, or where its path is too long for a socket address, a short name for it that holds in this process.

    The short name goes through an open file descriptor of the folder, which is kept for the life of the process.
    """
    if len(os.fsencode(folder)) <= LONGEST_FOLDER:
        return folder
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    return Path(f"/proc/self/fd/{descriptor}")
