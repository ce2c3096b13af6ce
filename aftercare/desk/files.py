"""Files that come with messages: their bytes in the data folder under their SHA-256, a row for each."""

import hashlib
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext_noop as _

from aftercare.accounts.models import User
from aftercare.desk.models import Attachment, Contact

LARGEST = 25 * 1024 * 1024
CHUNK = 1 << 20
TOO_LARGE = _("This file is larger than 25 MB and was not kept. Send it in parts, or by a link.")
# The first bytes of what people send; anything else is text where it reads as text, else unknown.
SHAPES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
)


def keep_file(
    *, name: str, stream: BinaryIO, uploaded_by: User | None = None, contact: Contact | None = None, now: datetime
) -> Attachment:
    """Keep a file, its bytes on disk before its row. One beyond LARGEST has no bytes, and says so in `refused`."""
    digest, size, first = hashlib.sha256(), 0, b""
    folder = Path(settings.DATA_DIR) / "files"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, draft = tempfile.mkstemp(dir=folder, prefix=".draft-")
    try:
        with os.fdopen(handle, "wb") as kept:
            while chunk := stream.read(CHUNK):
                first, size = first or chunk[:4096], size + len(chunk)
                if size > LARGEST:
                    break
                digest.update(chunk)
                kept.write(chunk)
            kept.flush()
            os.fsync(kept.fileno())
        sha256 = "" if size > LARGEST else digest.hexdigest()
        if sha256:
            put_in_place(Path(draft), path_of(sha256))
    finally:
        Path(draft).unlink(missing_ok=True)
    return Attachment.objects.create(
        uploaded_by=uploaded_by,
        contact=contact,
        name=name.replace("\x00", "")[:200] or "file",
        media_type=media_type_of(first),
        size=size,
        sha256=sha256,
        refused="" if sha256 else TOO_LARGE,
        created_at=now,
    )


def path_of(sha256: str) -> Path:
    """Where the bytes of this digest lie."""
    return Path(settings.DATA_DIR) / "files" / sha256[:2] / sha256


def put_in_place(draft: Path, path: Path) -> None:
    """Give the bytes their name, and make that survive a crash."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def media_type_of(first: bytes) -> str:
    """The kind of a file by its first bytes, not by what its sender called it."""
    for shape, kind in SHAPES:
        if first.startswith(shape):
            return kind
    try:
        first[:1000].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(first[:1000]) - 3:
            return "application/octet-stream"
    return "application/octet-stream" if b"\x00" in first else "text/plain"
