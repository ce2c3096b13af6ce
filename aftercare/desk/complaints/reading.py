"""Reading a CSV of complaints as a stream: a bad line is told by its number and costs the good ones nothing."""

import codecs
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.utils.translation import gettext as _

from aftercare.desk.complaints.rows import Told, read_row
from aftercare.kernel.errors import Refused

MOST_LINES = 200_000
LARGEST_FILE = 60_000_000
LONGEST_LINE = 64_000
# Columns by what customers call them.
NAMES = {
    "id": ("id", "complaint_id", "编号", "客诉编号", "工单号"),
    "user": ("user", "user_id", "uid", "用户", "用户id", "用户编号"),
    "time": ("time", "at", "created_at", "时间", "客诉时间", "反馈时间"),
    "words": ("words", "text", "content", "内容", "客诉内容", "反馈内容", "描述"),
    "kind": ("kind", "type", "category", "类型", "问题类型", "分类"),
    "stream": ("stream", "room", "stream_id", "room_id", "流", "房间", "房间号", "流名"),
}


@dataclass(frozen=True)
class BadLine:
    """A line that was not taken, and why."""

    line: int
    sentence: str


def read_csv(chunks: Iterable[bytes], *, zone: tzinfo, now: datetime) -> Iterator[Told | BadLine]:
    """Rows of a CSV in UTF-8 or GB18030, with a head line. Raises Refused for a file that is none, or too long."""
    reader = csv.reader(lines_of(chunks))
    try:
        head = next(reader, None)
    except csv.Error:
        head = None
    columns = columns_of(head or [])
    if "time" not in columns:
        raise Refused(_("The first line must name the columns: id, user, time, words (kind and stream too)."))
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield BadLine(reader.line_num, _("This line is not CSV."))
            continue
        if reader.line_num > MOST_LINES:
            raise Refused(_("A file may have %(most)s lines. Cut it in two.") % {"most": MOST_LINES})
        if not any(cells):
            continue
        row = {name: cells[place] for name, place in columns.items() if place < len(cells)}
        try:
            yield read_row(row, zone=zone, now=now, makes_id=True)
        except Refused as refused:
            yield BadLine(reader.line_num, refused.sentence)


def columns_of(head: list[str]) -> dict[str, int]:
    """Where each column stands."""
    told = [name.strip().lstrip("\ufeff").lower() for name in head]
    return {name: told.index(alias) for name, aliases in NAMES.items() for alias in aliases if alias in told}


def lines_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines of text with their ends. Raises Refused for bytes of no known encoding, or a line without end."""
    decoder: codecs.IncrementalDecoder | None = None
    rest = ""
    for chunk in chunks:
        if decoder is None:
            decoder = codecs.getincrementaldecoder(encoding_of(chunk))()
        rest += decoded(decoder, chunk, is_last=False)
        *whole, rest = rest.split("\n")
        for line in whole:
            yield checked(line) + "\n"
        checked(rest)
    if decoder is not None:
        rest += decoded(decoder, b"", is_last=True)
    if rest:
        yield checked(rest)


def encoding_of(first: bytes) -> str:
    """UTF-8, with a mark or without; else GB18030, which spreadsheets of Chinese Windows write."""
    head = first[:64_000]
    for cut in range(4):  # a character may be cut by the end of the chunk
        try:
            head[: len(head) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return "utf-8-sig"
    return "gb18030"


def decoded(decoder: codecs.IncrementalDecoder, chunk: bytes, *, is_last: bool) -> str:
    """More text, without NUL."""
    try:
        return decoder.decode(chunk, is_last).replace("\x00", "")
    except UnicodeDecodeError:
        raise Refused(_("The file is neither UTF-8 nor GB18030. Save it as CSV UTF-8.")) from None


def checked(line: str) -> str:
    """The line. Raises Refused when it is longer than any complaint."""
    if len(line) > LONGEST_LINE:
        raise Refused(
            _("A line is longer than %(limit)s characters: this is not a CSV of complaints.") % {"limit": LONGEST_LINE}
        )
    return line
