"""Removing files that nobody sent, and bytes that nobody knows."""

import os
import re
import time
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from aftercare.desk.files import lock_number, path_of
from aftercare.desk.models import Attachment

UNSENT_FOR = timedelta(days=1)
YOUNG_S = 3600
AT_ONCE = 100
FOLDERS = 256
HASH = re.compile(r"[0-9a-f]{64}")

_swept = {"minute": -1}


def forget_files(now: datetime) -> int:
    """Remove uploads that nobody sent within a day; once a minute also look through one of the 256 folders."""
    gone = forget_unsent(now)
    minute = int(time.monotonic() // 60)
    if minute != _swept["minute"]:
        _swept["minute"] = minute
        gone += sweep(f"{minute % FOLDERS:02x}") + sweep_drafts()
    return gone


def forget_unsent(now: datetime) -> int:
    """Remove the rows of unsent uploads, and their bytes where no other row has the same."""
    old = Attachment.objects.filter(message=None, created_at__lt=now - UNSENT_FOR).order_by("created_at")
    with transaction.atomic():
        rows = list(old.select_for_update(skip_locked=True)[:AT_ONCE])
        Attachment.objects.filter(pk__in=[row.pk for row in rows], message=None).delete()
    for sha256 in {row.sha256 for row in rows if row.sha256}:
        remove_unknown(sha256)
    return len(rows)


def sweep(name: str) -> int:
    """Remove the bytes in one folder that no row knows and that have lain there for an hour."""
    folder: Path = settings.DATA_DIR / "files" / name
    return sum(remove_unknown(entry.name) for entry in old_entries(folder) if HASH.fullmatch(entry.name))


def sweep_drafts() -> int:
    """Remove what crashes left of uploads."""
    gone = 0
    for entry in old_entries(settings.DATA_DIR / "files" / "drafts"):
        Path(entry.path).unlink(missing_ok=True)
        gone += 1
    return gone


def old_entries(folder: Path) -> "list[os.DirEntry[str]]":
    """The files of a folder that were written more than an hour ago by the disk's own clock."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return [entry for entry in entries if time.time() - entry.stat().st_mtime > YOUNG_S]


def remove_unknown(sha256: str) -> bool:
    """Remove these bytes unless a row knows them or somebody is keeping them at this moment."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_number(sha256)])
            is_ours: bool = cursor.fetchone()[0]
        if not is_ours or Attachment.objects.filter(sha256=sha256).exists():
            return False
        path_of(sha256).unlink(missing_ok=True)
        return True
