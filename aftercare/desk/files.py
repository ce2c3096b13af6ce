"""Keeping files that people send: bytes under their SHA-256 in the data folder, on disk before their row is."""

import contextlib
import hashlib
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.desk.models import Attachment, Contact

LARGEST = 25 * 1024 * 1024
CHUNK = 256 * 1024
# First bytes of what may come in, and what they are; everything else is only bytes.
SIGNS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
)
PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")


def keep_file(
    *, name: str, stream: BinaryIO, uploaded_by: User | None, contact: Contact | None, now: datetime
) -> Attachment:
    """Keep a file. One that is too large or a program is not kept; its row says so instead (`refused`)."""
    name = " ".join(name.replace("\x00", "").replace("\\", "/").rpartition("/")[2].split())[:200] or "file"
    folder = settings.DATA_DIR / "files"
    folder.mkdir(mode=0o700, exist_ok=True)
    digest, size, first, refused = hashlib.sha256(), 0, b"", ""
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as copy:
        try:
            while chunk := stream.read(CHUNK):
                first = first or chunk[:512]
                size += len(chunk)
                if size > LARGEST:
                    break
                digest.update(chunk)
                copy.write(chunk)
            refused = reason_against(first, size)
            if not refused:
                copy.flush()
                os.fsync(copy.fileno())
                settle(Path(copy.name), folder / digest.hexdigest()[:2] / digest.hexdigest())
        finally:
            with contextlib.suppress(FileNotFoundError):
                Path(copy.name).unlink()
    return Attachment.objects.create(
        name=name,
        media_type=media_type_of(first),
        size=size,
        sha256="" if refused else digest.hexdigest(),
        refused=refused,
        uploaded_by=uploaded_by,
        contact=contact,
        created_at=now,
    )


def reason_against(first: bytes, size: int) -> str:
    """Why a file is not kept; empty where it is."""
    if size > LARGEST:
        return _("The file is larger than 25 MB. Send a part of it, or a link.")
    if size == 0:
        return _("The file is empty.")
    if first.startswith(PROGRAMS):
        return _("Programs are not accepted. Send logs, pictures or archives.")
    return ""


def settle(copy: Path, place: Path) -> None:
    """Move the written bytes to their place and make sure that the folder knows of them."""
    place.parent.mkdir(mode=0o700, exist_ok=True)
    copy.replace(place)
    for folder in (place.parent, place.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def media_type_of(first: bytes) -> str:
    """What the first bytes are."""
    for sign, kind in SIGNS:
        if first.startswith(sign):
            return kind
    try:
        first.decode()
    except UnicodeDecodeError as error:
        if error.start < len(first) - 4:
            return "application/octet-stream"
    return "text/plain" if b"\x00" not in first else "application/octet-stream"


def open_file(attachment: Attachment) -> BinaryIO:
    """Its bytes. Raises FileNotFoundError where it was refused or its bytes are gone."""
    if not attachment.sha256:
        raise FileNotFoundError(attachment.ref)
    return (settings.DATA_DIR / "files" / attachment.sha256[:2] / attachment.sha256).open("rb")
