"""Files are kept once, as they are, within their limits, under names that can hurt nobody."""

import errno
import io
import os
import tracemalloc
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from aftercare.desk import files
from aftercare.desk.engine import files as cleaning
from aftercare.desk.file_types import clean_name, type_of
from aftercare.desk.files import keep_file, path_of
from aftercare.desk.models import Attachment, Ticket
from aftercare.kernel.errors import Refused
from tests.world import World


def kept(world: World, content: bytes, name: str = "a.log") -> Attachment:
    return keep_file(name=name, stream=io.BytesIO(content), uploaded_by=world.zhao, now=world.now)


def drafts() -> list[Path]:
    return list((settings.DATA_DIR / "files" / "drafts").glob("*"))


def test_it_works_and_the_same_bytes_lie_once(world: World) -> None:
    first, second = kept(world, b"join failed\n"), kept(world, b"join failed\n", "b.log")
    assert (first.sha256, first.size, first.media_type, first.refused) == (second.sha256, 12, "text/plain", "")
    path = path_of(first.sha256)
    assert path.read_bytes() == b"join failed\n"
    assert path.parent.name == first.sha256[:2]
    assert path.stat().st_mode & 0o077 == 0
    assert drafts() == []


def test_rejects_what_is_too_large_and_keeps_nothing_of_it(world: World, settings: Any) -> None:
    settings.FILE_MAX_BYTES = 1024 * 1024
    file = kept(world, b"x" * (1024 * 1024 + 1))
    assert "larger than a file may be" in file.refused
    assert (file.sha256, drafts()) == ("", [])
    assert kept(world, b"x" * 1024 * 1024).refused == ""
    assert "empty" in kept(world, b"").refused


def test_an_endless_stream_fills_neither_memory_nor_disk(world: World, settings: Any) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"\0" * size

    settings.FILE_MAX_BYTES = 8 * 1024 * 1024
    stream = Endless()
    tracemalloc.start()
    file = keep_file(name="zeros", stream=stream, uploaded_by=world.zhao, now=world.now)  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert file.refused
    assert stream.given <= settings.FILE_MAX_BYTES + 2 * files.CHUNK_BYTES
    assert peak < 2 * 1024 * 1024
    assert drafts() == []


def test_a_zip_bomb_is_a_small_file(world: World) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 20_000_000)
    file = kept(world, bomb.getvalue(), "logs.zip")
    assert (file.media_type, file.size) == ("application/zip", len(bomb.getvalue()))
    assert path_of(file.sha256).stat().st_size == file.size


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_in_a_sentence(world: World, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def full(number: int) -> None:
        raise OSError(code, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match="no room for files"):
        kept(world, b"x")
    monkeypatch.undo()
    assert (drafts(), Attachment.objects.count()) == ([], 0)


def test_room_is_left_for_the_databases(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LEFT_FREE_BYTES", 1 << 60)
    with pytest.raises(Refused, match="no room for files"):
        kept(world, b"x")


def test_a_sender_who_breaks_off_leaves_nothing(world: World) -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        keep_file(name="x", stream=Broken(), uploaded_by=world.zhao, now=world.now)  # type: ignore[arg-type]
    assert (drafts(), Attachment.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\log.txt", "log.txt"),
        ("x\x00.png", "x.png"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("\u2066a\u2069\u200b.txt", "a.txt"),
        ("...", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
        ("a\r\nSet-Cookie: b", "aSet-Cookie: b"),
        ("卡顿 日志.har", "卡顿 日志.har"),
        ("x" * 300 + ".log", "x" * 146 + ".log"),
        ("bad\ud800name.txt", "badname.txt"),
    ],
)
def test_names_are_cleaned(name: str, shown: str) -> None:
    assert clean_name(name) == shown


@pytest.mark.parametrize(
    ("head", "name", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n....", "a.html", "image/png"),
        (b"<html><script>", "a.png", "text/html"),
        (b"  \n<!DOCTYPE html>", "a.txt", "text/html"),
        (b'{"a": "<script>alert(1)</script>"}', "a.json", "text/html"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<svg onload="x">', "a.jpg", "image/svg+xml"),
        (b"MZ\x90\x00", "a.txt", "application/vnd.microsoft.portable-executable"),
        (b"\x7fELF\x02", "a", "application/x-elf"),
        (b"#!/bin/sh\n", "a.log", "text/x-script"),
        (b'{"log": {"entries": []}}', "a.har", "application/har+json"),
        (b'[{"id": 1}]', "dump.json", "application/json"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a", "image/webp"),
        (b"\x00\x00\x00\x18ftypmp42", "a.mp4", "video/mp4"),
        (b"\x0a\x0d\x0d\x0a\x00", "a.pcapng", "application/vnd.tcpdump.pcap"),
        ("2026-11-30 卡顿\n".encode("gb18030"), "a.log", "text/plain"),
        (b"\x00\x01\x02", "a.bin", "application/octet-stream"),
        (b"\xff\xfe<\x00s\x00c\x00r\x00", "a.txt", "application/octet-stream"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(head: bytes, name: str, media_type: str) -> None:
    assert type_of(head, name) == media_type


def age(path: Path, seconds: float) -> None:
    os.utime(path, (path.stat().st_atime - seconds, path.stat().st_mtime - seconds))


def test_what_nobody_sent_is_forgotten_after_a_day(world: World, ticket: Ticket) -> None:
    unsent, sent = kept(world, b"unsent"), kept(world, b"sent")
    also_unsent = kept(world, b"sent", "again.log")
    Attachment.objects.filter(pk=sent.pk).update(message=ticket.messages.first())
    assert cleaning.forget_unsent(world.now + timedelta(hours=23)) == 0
    assert cleaning.forget_unsent(world.now + timedelta(hours=25)) == 2
    assert not path_of(unsent.sha256).exists()
    assert path_of(sent.sha256).exists(), "another row still has these bytes"
    assert list(Attachment.objects.values_list("pk", flat=True)) == [sent.pk]
    assert also_unsent.pk != sent.pk


def test_bytes_without_a_row_are_swept_once_they_are_old(world: World) -> None:
    """kill -9 between the rename and the row leaves them."""
    file, other = kept(world, b"orphan"), kept(world, b"known")
    Attachment.objects.filter(pk=file.pk).delete()
    path = path_of(file.sha256)
    assert cleaning.sweep(path.parent.name) == 0, "too young: somebody may be keeping it"
    age(path, 4000)
    age(path_of(other.sha256), 4000)
    assert cleaning.sweep(path.parent.name) == 1
    assert cleaning.sweep(path_of(other.sha256).parent.name) == 0
    assert (path.exists(), path_of(other.sha256).exists()) == (False, True)
    draft = settings.DATA_DIR / "files" / "drafts" / "left"
    draft.write_bytes(b"half")
    age(draft, 4000)
    assert cleaning.sweep_drafts() == 1
    assert drafts() == []
