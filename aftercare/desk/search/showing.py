"""Hits as the page shows them: the thing, its address, and the words that were found in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from aftercare.accounts.models import User
from aftercare.desk.access import tickets_for
from aftercare.desk.models import Contact, Document, Group, Kind, Message, Ticket
from aftercare.desk.search.excerpts import Piece, excerpt, holds
from aftercare.desk.search.finding import Found
from aftercare.desk.search.tokens import folded

READ_AT_MOST = 2_000  # messages looked through for the excerpts of one page


@dataclass
class Hit:
    """One line of the page. `place` is the message whose words are shown, as the end of the ticket's address."""

    title: list[Piece]
    at: datetime
    ticket: Ticket | None = None
    group: Group | None = None
    contact: Contact | None = None
    url: str = ""
    words: list[Piece] = field(default_factory=list)
    speaker: str = ""
    is_note: bool = False


def hits_of(user: User, found: Found) -> list[Hit]:
    """The hits of one page, in its order; what was deleted or taken from the reader meanwhile is not there."""
    known = Document.objects.in_bulk(found.documents)
    documents = [known[pk] for pk in found.documents if pk in known]
    match found.kind:
        case Kind.TICKET:
            return ticket_hits(user, documents, found.asked.needles)
        case Kind.GROUP:
            return group_hits(documents, found.asked.needles) if user.is_provider else []
        case _:
            return contact_hits(documents, found.asked.needles) if user.is_provider else []


def ticket_hits(user: User, documents: Sequence[Document], needles: Sequence[str]) -> list[Hit]:
    """Tickets with the words of their best message: the most of what was asked for, the newest of those."""
    ids = [document.ticket_id for document in documents if document.ticket_id]
    tickets = {ticket.pk: ticket for ticket in tickets_for(user).filter(pk__in=ids)}
    messages = Message.objects.filter(ticket__in=tickets).order_by("-created_at", "-pk")
    if user.customer_id is not None:
        messages = messages.filter(internal=False)
    best: dict[int, tuple[int, Message]] = {}
    for message in messages.select_related("author", "contact").defer("quoted")[:READ_AT_MOST]:
        held = holds(folded(message.display_body), needles)
        if held and message.ticket_id is not None and held > best.get(message.ticket_id, (0,))[0]:
            best[message.ticket_id] = (held, message)
    hits = []
    for document in documents:
        ticket = tickets.get(document.ticket_id or 0)
        if ticket is None:
            continue
        hit = Hit(excerpt(ticket.display_title, needles), ticket.updated_at, ticket=ticket)
        hit.url = reverse("desk:ticket", args=[ticket.ref])
        if ticket.pk in best:
            message = best[ticket.pk][1]
            hit.url += f"?whole=1#message-{message.pk}"
            hit.words, hit.speaker = excerpt(message.display_body, needles), message.speaker_name
            hit.is_note = message.internal
        hits.append(hit)
    return hits


def group_hits(documents: Sequence[Document], needles: Sequence[str]) -> list[Hit]:
    """Days of service groups, with the line that was found."""
    groups = Group.objects.select_related("customer").in_bulk([document.group_id for document in documents])
    hits = []
    for document in documents:
        group = groups[document.group_id or 0]
        lines = document.text.split("\n")
        line = max(lines, key=lambda text: holds(text, needles), default="")
        hits.append(Hit(excerpt(str(group), needles), document.said_at, group=group, words=excerpt(line, needles)))
    return hits


def contact_hits(documents: Sequence[Document], needles: Sequence[str]) -> list[Hit]:
    """Contacts, with how they are reached."""
    ids = [document.contact_id for document in documents]
    contacts = Contact.objects.select_related("customer").in_bulk(ids)
    hits = []
    for document in documents:
        contact = contacts[document.contact_id or 0]
        reached = " · ".join(filter(None, (contact.email, contact.phone)))
        hits.append(
            Hit(excerpt(contact.name, needles), contact.created_at, contact=contact, words=excerpt(reached, needles))
        )
    return hits
