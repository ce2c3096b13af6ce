"""Tickets with their messages as a file: CSV for spreadsheets, JSON for programs, written as it is read."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from aftercare.accounts.models import User
from aftercare.desk.access import messages_for
from aftercare.desk.kinds import FIELDS, kind_label
from aftercare.desk.models import Message, Ticket

AT_ONCE = 100  # tickets read from the database together
# What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"), also in full width.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
COLUMNS = (
    *("number", "ref", "app", "title", "kind", "severity", "status", "opened_at", "first_response_at", "solved_at"),
    *FIELDS,
    *("said_at", "side", "speaker", "internal", "words", "files"),
)


def as_csv(user: User, tickets: QuerySet[Ticket]) -> Iterator[bytes]:
    """One line per message, the ticket's own columns repeated. UTF-8 with a mark, as Excel needs it for Chinese."""
    yield b"\xef\xbb\xbf" + line_of(list(COLUMNS))
    for ticket in in_pieces(tickets):
        own = list(facts_of(ticket).values())
        asked = [ticket.fields.get(name, "") for name in FIELDS]
        for message in messages_for(user, ticket).iterator(chunk_size=AT_ONCE):
            told = message_facts(message)
            told["files"] = "; ".join(file["name"] for file in told["files"])
            yield line_of([*own, *asked, *told.values()])


def as_json(user: User, tickets: QuerySet[Ticket]) -> Iterator[bytes]:
    """An array of tickets, each with its fields and messages."""
    before = b"["
    for ticket in in_pieces(tickets):
        said = [message_facts(m) for m in messages_for(user, ticket).iterator(chunk_size=AT_ONCE)]
        yield before + json.dumps({**facts_of(ticket), "fields": ticket.fields, "messages": said}).encode()
        before = b",\n"
    yield b"[]\n" if before == b"[" else b"]\n"


def in_pieces(tickets: QuerySet[Ticket]) -> Iterator[Ticket]:
    """The tickets by age, some at a time, so that no reader holds a connection or the whole of them."""
    last = 0
    while page := list(tickets.order_by("pk").filter(pk__gt=last)[:AT_ONCE]):
        yield from page
        last = page[-1].pk


def facts_of(ticket: Ticket) -> dict[str, Any]:
    """The ticket's own columns; times in UTC."""
    return {
        "number": ticket.number,
        "ref": ticket.ref,
        "app": str(ticket.app) if ticket.app else "",
        "title": ticket.display_title,
        "kind": kind_label(ticket.kind),
        "severity": ticket.severity,
        "status": ticket.status,
        "opened_at": ticket.created_at.isoformat(),
        "first_response_at": ticket.first_response_at.isoformat() if ticket.first_response_at else None,
        "solved_at": ticket.solved_at.isoformat() if ticket.solved_at else None,
    }


def message_facts(message: Message) -> dict[str, Any]:
    """What was said, by whom, with which files."""
    return {
        "said_at": message.created_at.isoformat(),
        "side": message.side,
        "speaker": message.speaker_name,
        "internal": message.internal,
        "words": message.display_body,
        "files": [
            {"name": file.name, "size": file.size, "sha256": file.sha256, "refused": file.refused}
            for file in message.attachments.all()
        ],
    }


def line_of(cells: list[Any]) -> bytes:
    """One CSV line in which no cell can be taken for a formula."""
    out = io.StringIO()
    csv.writer(out).writerow([harmless(cell) for cell in cells])
    return out.getvalue().encode()


def harmless(cell: Any) -> Any:
    """The cell; text that begins like a formula gets an apostrophe before it."""
    if isinstance(cell, str) and cell.lstrip(" \u00a0\u3000\ufeff").startswith(FORMULA):
        return f"'{cell}"
    return cell
