"""Writing the files of pages: whole or not at all, and on the disk before they are called written."""

import ctypes
import os
import secrets
import shutil
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from aftercare.incidents.status.addresses import PRIVATE

DRAFTS = ".drafts"
# Whoever writes is done within its lease of a minute, or somebody else does it again.
LEFT_AFTER_S = 300
GONE = ".gone-"
_libc = ctypes.CDLL(None, use_errno=True)

Files = Mapping[str, bytes]


def write_pages(pages: Sequence[tuple[Path, Files]]) -> None:
    """Put each page's files into its folder. Raises OSError, and then every file is either the old or the new one.

    All drafts first, then one `syncfs` for them all, the renames, and one for those: a thousand pages cost two of them
    instead of five thousand `fsync`s, and what is renamed is on the disk. The drafts lie in one folder, which only
    Aftercare can read: a file system like ext4 looks for a new file's place near its folder, and looks ten times as
    long in a thousand folders. A crash leaves drafts, which `sweep` removes.
    """
    mark = f"{settings.STATUS_DIR}/{DRAFTS}/{secrets.token_hex(8)}"
    drafts: list[tuple[str, str]] = []
    try:
        (settings.STATUS_DIR / DRAFTS).mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder, files in pages:
            make_folder(folder)
            for name, content in files.items():
                draft = f"{mark}-{len(drafts)}"
                drafts.append((draft, f"{folder}/{name}"))
                write(draft, content)
        sync()
        for draft, name in drafts:
            os.rename(draft, name)  # noqa: PTH104 - five thousand Paths take a third of a second
        sync()
    except OSError:
        for draft, _name in drafts:
            Path(draft).unlink(missing_ok=True)
        raise


def make_folder(folder: Path) -> None:
    """The folder, for a web server to read; the one that holds the private pages lists none of them."""
    if folder.is_dir():
        return
    holder = settings.STATUS_DIR / PRIVATE
    holder.mkdir(parents=True, exist_ok=True)
    holder.chmod(0o711)
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)


def write(path: str, content: bytes) -> None:
    """One new file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
    finally:
        os.close(descriptor)


def sync() -> None:
    """Everything that was written to the folder's file system is on the disk. Raises OSError where it is not."""
    if not hasattr(_libc, "syncfs"):
        os.sync()  # macOS has none
        return
    descriptor = os.open(settings.STATUS_DIR, os.O_RDONLY)
    try:
        if _libc.syncfs(descriptor):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)


def remove_folder(folder: Path) -> None:
    """The page is gone at once, whatever time its files take."""
    aside = settings.STATUS_DIR / f"{GONE}{secrets.token_hex(4)}"
    try:
        folder.rename(aside)
    except FileNotFoundError:
        return
    shutil.rmtree(aside, ignore_errors=True)


def sweep(folders: Collection[Path]) -> int:
    """Remove what belongs to no page but these, and what a crash left; returns how many folders."""
    root = settings.STATUS_DIR
    if not root.is_dir():
        return 0
    private = root / PRIVATE
    there = list(private.iterdir()) if private.is_dir() else []
    strangers = [folder for folder in there if folder not in folders]
    for folder in strangers:
        remove_folder(folder)
    for left in root.glob(f"{GONE}*"):
        shutil.rmtree(left, ignore_errors=True)
    sweep_drafts()
    return len(strangers)


def sweep_drafts() -> None:
    """Remove the drafts of writes that a crash broke off, by the file system's own clock."""
    drafts = settings.STATUS_DIR / DRAFTS
    for draft in drafts.iterdir() if drafts.is_dir() else ():
        with suppress(FileNotFoundError):
            if time.time() - draft.stat().st_mtime > LEFT_AFTER_S:
                draft.unlink()
