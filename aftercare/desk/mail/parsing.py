"""A mail's bytes as what a conversation needs: sender, words, quote, files. No database, never raises, bounded work."""

import email
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.policy import compat32
from email.utils import collapse_rfc2231_value, getaddresses, parsedate_to_datetime
from enum import Enum

from aftercare.desk.mail.addresses import is_address, plain
from aftercare.desk.mail.charsets import read_header, read_text
from aftercare.desk.mail.html_text import text_of_html
from aftercare.desk.mail.quotes import split_quotes

DEEPEST = 40
MOST_BOUNDARIES = 200  # headers that declare one: nested deeper than any chain of forwards
MOST_LINES_OF_PARTS = 20_000  # lines that begin with --: parts are objects, and a mail of a million parts is a bomb
MOST_FILES = 100
MOST_RECIPIENTS = 100
MOST_REFERENCES = 50
LONGEST_TEXT = 2_000_000  # bytes of one text part that are read; the part is kept as a file as well then
LONGEST_HEADERS = 400_000
MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,998}>")


class Note(Enum):
    """What has to be told about a mail beside its words."""

    BOMB = "bomb"  # nested too deep or in too many parts: kept whole as a file, not taken apart
    TNEF = "tnef"
    LONG = "long"
    FILES = "files"
    RECIPIENTS = "recipients"


@dataclass(frozen=True)
class File:
    """A file that came with a mail."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Sender:
    """Who a mail says it is from; the address is plain and empty where there is none."""

    address: str
    name: str


@dataclass
class Mail:
    """A mail, read. `headers` are the ones that tell automatic mail, lower case, first value each."""

    message_id: str
    sender: Sender
    subject: str
    sent_at: datetime | None
    recipients: list[Sender]
    in_reply_to: list[str]
    references: list[str]
    body: str = ""
    quoted: str = ""
    files: list[File] = field(default_factory=list)
    notes: set[Note] = field(default_factory=set)
    headers: dict[str, str] = field(default_factory=dict)
    message: "Message[str, str] | None" = None


def parse_mail(raw: bytes) -> Mail:
    """Read a mail. What cannot be taken apart is kept whole as a file, and a note says so."""
    head = header_bytes(raw)
    mail = read_headers(email.message_from_bytes(head, policy=compat32))
    mail.notes |= {Note.RECIPIENTS} if len(mail.recipients) > MOST_RECIPIENTS else set()
    mail.recipients = mail.recipients[:MOST_RECIPIENTS]
    if is_bomb(raw):
        return kept_whole(mail, raw)
    try:
        mail.message = email.message_from_bytes(raw, policy=compat32)
        read_parts(mail, mail.message)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError, MemoryError):
        return kept_whole(mail, raw)  # the library's parser has its own surprises; the bytes are here all the same
    return mail


def header_bytes(raw: bytes) -> bytes:
    """The headers alone, bounded."""
    ends = [
        place
        for place in (raw.find(b"\r\n\r\n", 0, LONGEST_HEADERS), raw.find(b"\n\n", 0, LONGEST_HEADERS))
        if place >= 0
    ]
    return raw[: min(ends, default=LONGEST_HEADERS)] + b"\n\n"


def is_bomb(raw: bytes) -> bool:
    """Whether taking it apart would cost more than a mail may."""
    return len(re.findall(rb"boundary\s*=", raw, re.I)) > MOST_BOUNDARIES or raw.count(b"\n--") > MOST_LINES_OF_PARTS


def kept_whole(mail: Mail, raw: bytes) -> Mail:
    """The mail as one file."""
    mail.files = [File("mail.eml", raw)]
    mail.body, mail.quoted, mail.message = "", "", None
    mail.notes.add(Note.BOMB)
    return mail


def read_headers(message: "Message[str, str]") -> Mail:
    """Everything that the headers tell."""
    named = first_values(message)
    senders = addresses(message, "from") or addresses(message, "sender") or [Sender("", "")]
    return Mail(
        message_id=next(iter(MESSAGE_ID.findall(named.get("message-id", ""))), ""),
        sender=senders[0],
        subject=read_header(named.get("subject", ""))[:500],
        sent_at=read_date(named.get("date", "")),
        recipients=addresses(message, "to", "cc"),
        in_reply_to=MESSAGE_ID.findall(named.get("in-reply-to", ""))[:MOST_REFERENCES],
        references=MESSAGE_ID.findall(named.get("references", ""))[-MOST_REFERENCES:],
        headers={name: value[:500] for name, value in named.items()},
    )


def first_values(message: "Message[str, str]") -> dict[str, str]:
    """Each header's first value, raw, by its name in lower case."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower(), str(value))
    return found


def addresses(message: "Message[str, str]", *names: str) -> list[Sender]:
    """The people of these headers, each address once."""
    values = [str(value) for name, value in message.raw_items() if name.lower() in names]
    found: dict[str, Sender] = {}
    for name, address in getaddresses([value.replace("\r", " ").replace("\n", " ") for value in values]):
        known = plain(read_header(address))
        if is_address(known):
            found.setdefault(known, Sender(known, read_header(name)[:120]))
    return list(found.values())


def read_date(text: str) -> datetime | None:
    """The Date header in UTC; None where it is no date."""
    try:
        at = parsedate_to_datetime(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def read_parts(mail: Mail, message: "Message[str, str]") -> None:
    """Words and files, in the order of the mail."""
    plain_words: list[str] = []
    html_words: list[str] = []
    for part in leaves(message, 0):
        kind = part.get_content_type()
        name = file_name(part)
        attached = part.get_content_disposition() == "attachment"
        if kind in ("text/plain", "text/html") and not attached and not (name and kind == "text/html"):
            text = words_of(part)
            if name and plain_words:
                add_file(mail, part, name)
            else:
                (plain_words if kind == "text/plain" else html_words).append(text)
                if len(text) >= LONGEST_TEXT:
                    add_file(mail, part, name or "message.txt")
        elif kind == "message/delivery-status":
            continue
        else:
            add_file(mail, part, name or name_by_kind(part))
    text = "\n\n".join(word for word in plain_words if word.strip())
    if not text.strip():
        text = "\n\n".join(filter(None, (text_of_html(word[:LONGEST_TEXT]) for word in html_words)))
    split = split_quotes(text.replace("\x00", ""))
    mail.body, mail.quoted = split.body, split.quoted


def leaves(part: "Message[str, str]", depth: int) -> "Iterator[Message[str, str]]":
    """Parts that hold something themselves; a mail inside the mail is one of them. Deeper than DEEPEST is one file."""
    if part.is_multipart() and part.get_content_maintype() == "multipart" and depth < DEEPEST:
        for inner in part.get_payload():
            if isinstance(inner, Message):
                yield from leaves(inner, depth + 1)
    else:
        yield part


def words_of(part: "Message[str, str]") -> str:
    """The text of a part, whatever its label and its encoding say."""
    data = bytes_of(part)[:LONGEST_TEXT]
    text = read_text(data, part.get_content_charset() or (part.get_param("charset") and str(part.get_param("charset"))))
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def bytes_of(part: "Message[str, str]") -> bytes:
    """What a part holds, decoded; a mail inside the mail as its own bytes."""
    if part.is_multipart():
        inner = part.get_payload()
        return b"".join(one.as_bytes() for one in inner if isinstance(one, Message)) if isinstance(inner, list) else b""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def file_name(part: "Message[str, str]") -> str:
    """The name that a part gives itself, without a path."""
    named = part.get_param("filename", None, "content-disposition") or part.get_param("name", None, "content-type")
    if not named:
        return ""
    text = read_header(collapse_rfc2231_value(named))
    return re.sub(r"[\x00-\x1f\x7f]", "", text.replace("\\", "/").rpartition("/")[2]).strip()[:200]


def name_by_kind(part: "Message[str, str]") -> str:
    """A name for a file that has none."""
    kind = part.get_content_type()
    if kind.startswith("message/"):
        return "mail.eml"
    ending = re.sub(r"[^a-z0-9]", "", kind.partition("/")[2])[:10] or "bin"
    return f"{part.get_content_maintype()}.{ending}"


def add_file(mail: Mail, part: "Message[str, str]", name: str) -> None:
    """Keep a part as a file, up to MOST_FILES; the whole mail stays with what came in, so that none is lost."""
    if len(mail.files) >= MOST_FILES:
        mail.notes.add(Note.FILES)
        return
    if name.lower() == "winmail.dat" or part.get_content_type() == "application/ms-tnef":
        mail.notes.add(Note.TNEF)
    data = bytes_of(part)
    if data or name:
        mail.files.append(File(name, data))


def fingerprint(raw: bytes) -> str:
    """What makes this mail one mail, by whichever way it comes: 32 hexadecimal digits.

    Its Message-ID alone does not: there are programs that use one twice, and anybody can send one that was another's.
    """
    named = first_values(email.message_from_bytes(header_bytes(raw), policy=compat32))
    digest = hashlib.sha256()
    for name in ("message-id", "from", "date", "subject"):
        digest.update(" ".join(named.get(name, "").split()).encode("utf-8", "surrogateescape") + b"\n")
    if not named.get("message-id", "").strip():
        digest.update(raw[len(header_bytes(raw)) - 2 :].replace(b"\r\n", b"\n").strip())
    return digest.hexdigest()[:32]


def message_id_of(raw: bytes) -> str:
    """The Message-ID, empty without one."""
    named = first_values(email.message_from_bytes(header_bytes(raw), policy=compat32))
    return next(iter(MESSAGE_ID.findall(named.get("message-id", ""))), "")
