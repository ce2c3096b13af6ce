"""Bytes of a mail as text, whatever their label says: labels lie, and nothing may be lost for it."""

import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header

# What senders write where they mean a superset: GB2312 labels GBK and GB18030 text, us-ascii labels anything.
SUPERSETS = {
    **dict.fromkeys(("gb2312", "gbk", "gb_2312-80", "x-gbk", "euc-cn", "cp936", "ms936", "hz-gb"), "gb18030"),
    **dict.fromkeys(("ks_c_5601-1987", "euc-kr"), "cp949"),
    **dict.fromkeys(("shift_jis", "x-sjis", "sjis"), "cp932"),
    **dict.fromkeys(("iso-8859-1", "latin1", "latin-1", "iso8859-1"), "cp1252"),
    **dict.fromkeys(("utf8", "utf-8mb4", "unicode-1-1-utf-8"), "utf-8"),
    "big5": "big5hkscs",
    "iso-2022-jp": "iso2022_jp_ext",
}
NO_LABEL = ("", "us-ascii", "ascii", "ansi_x3.4-1968", "default", "default_charset", "unknown-8bit", "8bit", "binary")
HAS_ESCAPE = re.compile(rb"\x1b[$(]")
PAIR = re.compile(rb"[\xa1-\xfe]{2}")
HIGH = re.compile(rb"[\x80-\xff]")
# Fewer bytes than this beyond ASCII are valid UTF-8 by chance: the GBK bytes of 联通 are.
BY_CHANCE = 8


def read_text(data: bytes, label: str | None) -> str:
    """`data` as text that can be kept. `label` is believed only as far as the bytes bear it out; never raises."""
    return storable(decoded(data, label))


def storable(text: str) -> str:
    """The text without what no database takes: NUL, and halves of pairs (UTF-7 can spell them)."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def decoded(data: bytes, label: str | None) -> str:
    """The text by the first codec whose every byte fits."""
    if HAS_ESCAPE.search(data) and (found := strictly(data, "iso2022_jp_ext")) is not None:
        return found
    high = len(HIGH.findall(data))
    if high == 0:
        return data.decode("ascii") if codec_of(label) not in ("utf-7", "hz") else strictly(data, codec_of(label)) or ""
    for codec in order(data, codec_of(label), high):
        if (found := strictly(data, codec)) is not None:
            return found
    return data.decode(codec_of(label) or "utf-8", errors="replace")


def order(data: bytes, codec: str, high: int) -> list[str]:
    """Codecs to try, the likeliest first. Text that is valid UTF-8 is UTF-8, whatever its label, unless it is short."""
    pairs = 2 * len(PAIR.findall(data))
    tried = ["utf-8"]
    if codec and codec not in ("utf-8", "cp1252"):
        tried.insert(0 if high < BY_CHANCE else 1, codec)
    if codec == "cp1252" and pairs < 0.9 * high:
        tried.append("cp1252")
    return [*tried, "gb18030", "big5hkscs", "cp932", "cp949", "cp1252"]


def codec_of(label: str | None) -> str:
    """Python's codec for a charset's label, a superset where senders mean one; empty for one that says nothing."""
    name = (label or "").strip(" \"'\t\r\n").lower()
    if name in NO_LABEL:
        return ""
    name = SUPERSETS.get(name, name)
    try:
        found = codecs.lookup(name)
    except (LookupError, UnicodeError, ValueError):
        return ""
    return found.name if found._is_text_encoding else ""


def strictly(data: bytes, codec: str) -> str | None:
    """The text, None where a single byte does not fit."""
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def read_header(value: object) -> str:
    """A header in one line: encoded words decoded, raw bytes read by `read_text`. Never raises."""
    text = str(value) if isinstance(value, str) else "".join(map(str, [value]))
    if not text.isascii():
        text = read_text(text.encode("utf-8", "surrogateescape"), None)
    try:
        parts = decode_header(text) if text.isascii() else [(text, None)]
    except (HeaderParseError, ValueError, LookupError):
        parts = [(text, None)]
    read = "".join(part if isinstance(part, str) else read_text(part, label) for part, label in parts)
    return " ".join(storable(read).split())
