"""What a file is, by its first bytes: never by its name and never by what its sender says."""

import re
import unicodedata

HEAD_BYTES = 4096
NAME_LIMIT = 150

SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap"),
    (0, b"\xa1\xb2\xc3\xd4", "application/vnd.tcpdump.pcap"),
    (0, b"\x4d\x3c\xb2\xa1", "application/vnd.tcpdump.pcap"),
    (0, b"\x0a\x0d\x0d\x0a", "application/vnd.tcpdump.pcap"),  # pcapng's section header block
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
    (8, b"WEBP", "image/webp"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"\xca\xfe\xba\xbe", "application/x-executable"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
HTML = re.compile(rb"<!doctype html|<html|<head|<body|<script|<iframe|<object|<embed", re.I)
SVG = re.compile(rb"<svg", re.I)
CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27})


def type_of(head: bytes, name: str = "") -> str:
    """The media type of a file that begins with `head` (up to HEAD_BYTES); unknown bytes are an octet stream.

    `name` only tells a HAR or JSON-lines file from other JSON, never anything that could run from what cannot.
    """
    for place, mark, media_type in SIGNATURES:
        if head[place : place + len(mark)] == mark:
            return media_type
    if head.translate(None, CONTROLS) != head:
        wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
        return "text/plain" if wide and b"<" not in head else "application/octet-stream"
    if SVG.search(head):
        return "image/svg+xml"
    if HTML.search(head):
        return "text/html"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:2] == b"#!":
        return "text/x-script"
    if text[:1] in (b"{", b"["):
        return "application/har+json" if name.lower().endswith(".har") else "application/json"
    return "text/plain"


def clean_name(name: str) -> str:
    """The last part of a path, in one visible line: no control, direction or other invisible signs, no leading dots.

    Never empty, at most NAME_LIMIT characters, its ending kept.
    """
    last = re.split(r"[/\\]", name.replace("\x00", ""))[-1]
    seen = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C")
    line = " ".join(seen.split()).strip(" .")
    stem, dot, ending = line.rpartition(".")
    if dot and len(ending) <= 12 and len(line) > NAME_LIMIT:
        line = f"{stem[: NAME_LIMIT - len(ending) - 1]}.{ending}"
    return line[:NAME_LIMIT] or "file"
