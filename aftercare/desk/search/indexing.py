"""Writing documents: always anew from what is in the tables, so that doing it twice is doing it once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from aftercare.desk.models import Attachment, Contact, Group, Kind, Message, Ticket
from aftercare.desk.search.tokens import FILE, INNER, TAG, folded, tokens_of

TOKENS_AT_MOST = 40_000  # a tsvector ends at 1 MiB
TEXT_AT_MOST = 500_000
BODIES_AT_MOST = 5_000
# PostgreSQL moves a row's long values beside the table only where the row exceeds 2 KB. Blanks, which compress to
# nothing, make every row exceed it: the table itself stays a third of the size, and a count reads a third of the pages.
PADDED_TO = 2_100
SEPARATOR = "\x1f"  # white space to `folded` and to no token
COLUMNS = (
    "kind", "ticket_id", "group_id", "contact_id", "day", "customer_id", "status", "severity", "way", "assignee_id",
    "is_cut", "created_at", "said_at", "indexed_at", "text", "inner_text",
)  # fmt: skip
SAME = {
    Kind.TICKET: "(ticket_id) where ticket_id is not null",
    Kind.GROUP: "(group_id, day) where group_id is not null",
    Kind.CONTACT: "(contact_id) where contact_id is not null",
}


@dataclass
class Words:
    """The words of one document while it is being made, public and internal."""

    public: list[str] = field(default_factory=list)
    inner: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    is_cut: bool = False

    def tokens(self) -> list[str]:
        """All tokens, as many as a document holds."""
        found: dict[str, None] = dict.fromkeys(self.marks)
        for mark, texts in (("", self.public), (INNER, self.inner)):
            for text in texts:
                found.update(dict.fromkeys(mark + token for token in sorted(tokens_of(text))))
                if len(found) > TOKENS_AT_MOST:
                    self.is_cut = True
                    return list(found)[:TOKENS_AT_MOST]
        return list(found)


def index_tickets(ids: Iterable[int], now: datetime) -> None:
    """Write the documents of these tickets; one that is gone has none."""
    tickets = Ticket.objects.filter(pk__in=ids).select_related("contact")
    words: dict[int, Words] = {ticket.pk: Words() for ticket in tickets}
    for ticket in tickets:
        words[ticket.pk].public += folded_all(
            ticket.title, ticket.title_zh, ticket.contact.name if ticket.contact else None
        )
    take_messages(words)
    for ticket_id, name in Ticket.objects.filter(pk__in=words, tags__isnull=False).values_list("pk", "tags__name"):
        words[ticket_id].marks.append(TAG + folded(name))
    rows = [
        row_of(
            Kind.TICKET, words[ticket.pk], now, ticket_id=ticket.pk, customer_id=ticket.customer_id,
            status=ticket.status, severity=ticket.severity, way=ticket.way, assignee_id=ticket.assignee_id,
            created_at=ticket.created_at, said_at=ticket.updated_at,
        )
        for ticket in tickets
    ]  # fmt: skip
    write(Kind.TICKET, rows)


def write_columns(ids: Iterable[int]) -> None:
    """What a search filters and sorts these tickets by, their words left as they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update desk_document as kept set customer_id = ticket.customer_id, status = ticket.status, "
            "severity = ticket.severity, way = ticket.way, assignee_id = ticket.assignee_id, "
            "said_at = ticket.updated_at from desk_ticket as ticket "
            "where kept.ticket_id = ticket.id and ticket.id = any(%s)",
            [list(ids)],
        )


def take_messages(words: dict[int, Words]) -> None:
    """Put the messages and file names of these tickets into their words."""
    said: dict[int, int] = defaultdict(int)
    messages = Message.objects.filter(ticket__in=words).order_by("ticket_id", "created_at", "pk")
    for ticket_id, internal, body, body_zh in messages.values_list("ticket_id", "internal", "body", "body_zh"):
        said[ticket_id] += 1
        if said[ticket_id] > BODIES_AT_MOST:
            words[ticket_id].is_cut = True
            continue
        of = words[ticket_id].inner if internal else words[ticket_id].public
        of += folded_all(body, body_zh)
    files = Attachment.objects.filter(message__ticket__in=words)
    for ticket_id, internal, name in files.values_list("message__ticket_id", "message__internal", "name"):
        words[ticket_id].marks.append(INNER + FILE if internal else FILE)
        of = words[ticket_id].inner if internal else words[ticket_id].public
        of += folded_all(name)


def index_group_days(days: Iterable[tuple[int, date]], now: datetime) -> None:
    """Write the documents of what was said on these days (UTC) in these groups."""
    for group_id, day in days:
        group = Group.objects.filter(pk=group_id).first()
        if group is None:
            continue
        starts = datetime.combine(day, time(), UTC)
        said = Message.objects.filter(group=group, created_at__gte=starts, created_at__lt=starts + timedelta(days=1))
        messages = list(said.order_by("created_at", "pk").select_related("author", "contact")[:BODIES_AT_MOST])
        words = Words(public=folded_all(group.name, group.name_zh, *{m.speaker_name for m in messages}))
        for message in messages:
            words.public += folded_all(message.body, message.body_zh)
        files = Attachment.objects.filter(message__in=[m.pk for m in messages]).values_list("name", flat=True)
        words.public += folded_all(*files)
        words.marks += [FILE] * bool(files)
        row = row_of(
            Kind.GROUP, words, now, group_id=group.pk, day=day, customer_id=group.customer_id, way="group",
            created_at=starts, said_at=messages[-1].created_at if messages else starts,
        )  # fmt: skip
        write(Kind.GROUP, [row])


def index_contacts(ids: Iterable[int], now: datetime) -> None:
    """Write the documents of these contacts: name, address, phone."""
    for contact in Contact.objects.filter(pk__in=ids):
        words = Words(public=folded_all(contact.name, contact.email, contact.phone))
        row = row_of(
            Kind.CONTACT, words, now, contact_id=contact.pk, customer_id=contact.customer_id,
            created_at=contact.created_at, said_at=contact.created_at,
        )  # fmt: skip
        write(Kind.CONTACT, [row])


def folded_all(*texts: str | None) -> list[str]:
    """What there is, folded, each once."""
    return list(dict.fromkeys(folded(text) for text in texts if text))


def row_of(kind: Kind, words: Words, now: datetime, **columns: Any) -> list[Any]:
    """The values of one document, in the order of COLUMNS, its tokens last."""
    row: dict[str, Any] = dict.fromkeys(("ticket_id", "group_id", "contact_id", "day", "customer_id", "assignee_id"))
    row |= {"status": "", "severity": "", "way": ""} | columns
    row |= {
        "kind": kind.value,
        "indexed_at": now,
        "text": joined(words.public).ljust(PADDED_TO),
        "inner_text": joined(words.inner),
    }
    tokens = words.tokens()
    row["is_cut"] = words.is_cut or max(len(row["text"]), len(row["inner_text"])) >= TEXT_AT_MOST
    return [*(row[name] for name in COLUMNS), SEPARATOR.join(tokens)]


def write(kind: Kind, rows: Sequence[list[Any]]) -> None:
    """Put documents in the place of those that were."""
    changed = ", ".join(f"{name} = excluded.{name}" for name in (*COLUMNS, "tokens"))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"insert into desk_document ({', '.join(COLUMNS)}, tokens) "
            f"values ({', '.join(['%s'] * len(COLUMNS))}, array_to_tsvector(string_to_array(%s, chr(31)))) "
            f"on conflict {SAME[kind]} do update set {changed}",
            rows,
        )


def joined(texts: Sequence[str]) -> str:
    """Texts one below the other, so that no phrase reaches from one message into the next."""
    return "\n".join(texts)[:TEXT_AT_MOST]
