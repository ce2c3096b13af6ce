"""Files that come with messages: kept once under their SHA-256, as they are, never unpacked and never run.

Bytes come first, then the row: a crash between the two leaves a file that nobody knows, which `desk.engine` removes.
"""

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.models import User
from aftercare.desk.file_types import HEAD_BYTES, clean_name, type_of
from aftercare.desk.models import Attachment, Contact
from aftercare.kernel.errors import Refused

CHUNK_BYTES = 64 * 1024
LEFT_FREE_BYTES = 200 * 1024 * 1024  # the databases live on the same disk, and come first
TOO_LARGE = gettext_noop(
    "It is larger than a file may be and was not kept. Compress it, cut it to the time in question, or send a link."
)
EMPTY = gettext_noop("The file is empty.")
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Draft:
    """Bytes on disk that have no name yet; `is_whole` is false where they went past the limit."""

    path: Path
    size: int
    sha256: str
    head: bytes
    is_whole: bool


def keep_file(
    *, name: str, stream: BinaryIO, uploaded_by: User | None = None, contact: Contact | None = None, now: datetime
) -> Attachment:
    """Keep what `stream` holds and return its row, which belongs to no message yet.

    Reads at most one chunk past the limit (`AFTERCARE_FILE_MAX_MB`). A file that is too large or empty gives a row
    without bytes whose `refused` says so. Raises Refused when the disk is full.
    """
    row = Attachment(name=clean_name(name), uploaded_by=uploaded_by, contact=contact, created_at=now)
    fill_file(row=row, stream=stream)
    return row


def fill_file(*, row: Attachment, stream: BinaryIO) -> None:
    """Keep what `stream` holds as this row's bytes, and save the row, on the terms of `keep_file`."""
    try:
        draft = written(stream)
    except OSError as error:
        if error.errno in FULL:
            raise Refused(no_space()) from None
        raise
    try:
        row.media_type, row.size = type_of(draft.head, row.name), draft.size
        row.refused = why_refused(draft)
        if row.refused:
            row.save()
            return
        row.sha256 = draft.sha256
        with transaction.atomic():
            hold(draft.sha256)
            settle(draft)
            row.save()
    finally:
        draft.path.unlink(missing_ok=True)


def written(stream: BinaryIO) -> Draft:
    """Write the stream into a draft, on disk when this returns; stops at the limit. Leaves nothing when it raises."""
    folder = folder_of("drafts")
    if shutil.disk_usage(folder).free < LEFT_FREE_BYTES:
        raise OSError(errno.ENOSPC, "too little space is left")
    path = folder / secrets.token_hex(16)
    digest, head, size, limit = hashlib.sha256(), b"", 0, settings.FILE_MAX_BYTES
    try:
        with open(path, "xb", opener=private) as file:
            while size <= limit and (chunk := stream.read(CHUNK_BYTES)):
                head += chunk[: HEAD_BYTES - len(head)]
                size += len(chunk)
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Draft(path, size, digest.hexdigest(), head, is_whole=size <= limit)


def settle(draft: Draft) -> None:
    """Give the bytes their name; the same bytes take each other's place, and are young again for the engine."""
    path = path_of(draft.sha256)
    folder_of(path.parent.name)
    draft.path.rename(path)
    sync_folder(path.parent)


def why_refused(draft: Draft) -> str:
    """The sentence for a file that is not kept, for each reader to be translated; empty for one that is."""
    if not draft.is_whole:
        return TOO_LARGE
    return "" if draft.size else EMPTY


def no_space() -> str:
    """What a full disk means for somebody with a file."""
    return _(
        "There is no room for files on our side at the moment. Your words are kept; send them without the file, or try "
        "again later."
    )


def path_of(sha256: str) -> Path:
    """Where the bytes with this hash lie."""
    folder: Path = settings.DATA_DIR / "files"
    return folder / sha256[:2] / sha256


def pieces(path: Path) -> Iterator[bytes]:
    """The file's bytes, a chunk at a time."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def hold(sha256: str) -> None:
    """Until the transaction ends the engine leaves these bytes alone, also before their row can be seen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [lock_number(sha256)])


def lock_number(sha256: str) -> int:
    """The number of a hash among PostgreSQL's advisory locks."""
    return int.from_bytes(bytes.fromhex(sha256[:16]), signed=True)


def folder_of(name: str) -> Path:
    """A folder for files, made readable by us alone and on disk before anything is put into it."""
    folder: Path = settings.DATA_DIR / "files" / name
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sync_folder(folder.parent)
    return folder


def private(path: str, flags: int) -> int:
    """Open for us alone."""
    return os.open(path, flags, 0o600)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a crash."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
