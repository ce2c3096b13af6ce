"""Where a log went that was rotated: the file that holds the position now, and those written since."""

import re
from pathlib import Path

from aftercare.tail.log_file import LogFile
from aftercare.tail.position import Position

PACKED = (".gz", ".bz2", ".xz", ".zst")


def rotated(path: Path) -> list[Path]:
    """What a log's rotation left beside it, oldest first, packed files not.

    `access.log.1`, `access.log-20261125`, `access-20261125.log`, `access.log.old`; what else begins alike is no log.
    """
    name, stem, suffix = map(re.escape, (path.name, path.stem, path.suffix))
    pattern = re.compile(rf"{name}[.-](?:[0-9][\w.-]*|old|bak)|{stem}[.-][0-9][\w.-]*{suffix}")
    try:
        beside = [p for p in path.parent.iterdir() if pattern.fullmatch(p.name) and p.suffix not in PACKED]
        return sorted((p for p in beside if p.is_file()), key=lambda p: p.stat().st_mtime)
    except OSError:  # one was renamed while it was looked at
        return []


def files_since(path: Path, position: Position) -> tuple[list[LogFile], bool]:
    """The files still to be read, in their order, the last of them the log itself if it exists; and whether all are.

    False where the file of the position is gone: lines written between may be lost.
    """
    current = LogFile.at(path, position)
    if current is not None:
        return [current], True
    files: list[LogFile] = []
    for beside in rotated(path):
        found = LogFile.at(beside, position) if not files else LogFile(beside)
        files += [found] if found is not None else []
    is_whole = bool(files)
    if path.exists():
        files.append(LogFile(path))
    return files, is_whole
