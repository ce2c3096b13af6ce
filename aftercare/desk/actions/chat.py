"""What a visitor and an agent do in a web chat."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.clocks import actions as clocks
from aftercare.clocks.types import Policy
from aftercare.desk.actions.handling import claim_ticket, resolve_ticket
from aftercare.desk.actions.locking import checked_body, last_hand, locked_landing
from aftercare.desk.actions.opening import open_ticket
from aftercare.desk.actions.speaking import already_here
from aftercare.desk.actions.talking import say_in
from aftercare.desk.chat.identity import Identity, read_identity
from aftercare.desk.chat.live import tell_lookers, tell_visitor
from aftercare.desk.chat.state import CHAT_REPLY, hours_of_widget
from aftercare.desk.models import (
    Attachment,
    ChatSession,
    ChatVisitor,
    ChatWidget,
    Contact,
    Message,
    Severity,
    Side,
    Status,
    Ticket,
    Way,
)
from aftercare.kernel.errors import Refused
from aftercare.kernel.signing import fingerprint

# An anonymous visitor has nothing but the token; a signed one gets a new token whenever the site signs again.
ANONYMOUS_SESSION = timedelta(days=30)
SIGNED_SESSION = timedelta(hours=12)
# A new question long after the last one was solved is another question.
SAME_QUESTION = timedelta(days=1)
CLIENT_ID = re.compile(r"[A-Za-z0-9-]{8,40}")
TITLE_CHARACTERS = 80
FILES_AT_MOST = 10


@transaction.atomic
def begin_session(*, widget: ChatWidget, identity: str, language: str, now: datetime) -> tuple[ChatVisitor, str]:
    """A browser begins to chat: the visitor, and the token that this browser shows from now on.

    With an identity it is the visitor whom the site's server names, with all they have said before; without one it is
    somebody new. Raises Refused where the identity does not hold, or the widget takes nobody without one.
    """
    if identity:
        known = read_identity(widget, identity, now=now)
        visitor = visitor_named(widget, known, language, now)
    elif widget.anonymous and widget.customer is not None:
        visitor = new_visitor(widget, widget.customer, _("Visitor"), "", language, now)
    else:
        raise Refused(_("This chat is for people who are signed in at the site. Sign in there, then open it again."))
    token = secrets.token_urlsafe(32)
    lasts = SIGNED_SESSION if identity else ANONYMOUS_SESSION
    ChatSession.objects.create(visitor=visitor, fingerprint=fingerprint(token), created_at=now, expires_at=now + lasts)
    return visitor, token


def visitor_named(widget: ChatWidget, known: Identity, language: str, now: datetime) -> ChatVisitor:
    """The visitor of this subject, made when it is new; what the site says of them now is kept."""
    ChatWidget.objects.select_for_update(no_key=True).get(pk=widget.pk)  # two windows of one person, one visitor
    found = ChatVisitor.objects.filter(widget=widget, subject=known.subject).select_related("contact").first()
    visitor = found or new_visitor(widget, known.customer, known.name or known.subject, known.subject, language, now)
    contact = visitor.contact
    if contact.customer_id != known.customer.pk:
        raise Refused(_("This user has chatted for another customer before. Give them another user id."))
    contact.name, contact.email = known.name or contact.name, known.email or contact.email
    contact.user, contact.language = known.person, language
    contact.save()
    return visitor


def new_visitor(
    widget: ChatWidget, customer: Customer, name: str, subject: str, language: str, now: datetime
) -> ChatVisitor:
    """Somebody who has not been here before."""
    contact = Contact.objects.create(customer=customer, name=name[:120], language=language, created_at=now)
    visitor = ChatVisitor.objects.create(widget=widget, subject=subject, contact=contact, created_at=now)
    if not subject:
        contact.name = f"{name} {visitor.ref[:4].upper()}"
        contact.save(update_fields=["name"])
    audit.record(
        actor=None,
        action="chat.begin",
        subject=widget.ref,
        customer_id=customer.pk,
        detail={"visitor": visitor.ref, "signed": bool(subject)},
        now=now,
    )
    return visitor


@transaction.atomic
def post_chat(
    *, visitor: ChatVisitor, client_id: str, body: str, attachments: Sequence[Attachment] = (), now: datetime
) -> Message:
    """Keep a visitor's words, opening a ticket with the first ones. Sent again under the same `client_id` they count
    once. Raises Refused where there is neither text nor a file, or too much of either.
    """
    key = message_key(visitor.ref, client_id)
    locked = ChatVisitor.objects.select_for_update(no_key=True, of=("self",))
    row = locked.select_related("contact", "ticket").get(pk=visitor.pk)
    seen = already_here(None, key)
    if seen is not None:
        return seen
    if len(attachments) > FILES_AT_MOST:
        raise Refused(_("A message has at most %(n)s files.") % {"n": FILES_AT_MOST})
    ticket = row.ticket if row.ticket is not None and is_same_question(row.ticket, now) else None
    if ticket is not None:
        place = locked_landing(ticket, None)
        if place.contact_id == row.contact_id:
            place.contact = row.contact  # who listens looks for the visitor, who is here
        message = say_in(
            place,
            author=row.contact,
            body=body,
            way=Way.CHAT,
            provider_message_id=key,
            origin=ticket if ticket.pk != place.pk else None,
            attachments=attachments,
            now=now,
        )
    else:
        text = checked_body(body, has_files=bool(attachments))
        ticket = open_ticket(
            customer_id=customer_of(row),
            app_id=None,
            title=title_of(text, row.contact.name),
            severity=Severity.P3,
            body=text,
            opened_by=row.contact,
            way=Way.CHAT,
            provider_message_id=key,
            attachments=attachments,
            now=now,
        )
        row.ticket = ticket
        row.save(update_fields=["ticket"])
        message = ticket.messages.get(provider_message_id=key)
    promise_answer(visitor.widget, ticket, now)
    return message


def message_key(speaker_ref: str, client_id: str) -> str:
    """Under what a message of this speaker is unique. Raises Refused for an id that no client of ours makes."""
    if not CLIENT_ID.fullmatch(client_id):
        raise Refused(_("A message needs an id of 8 to 40 letters, digits and hyphens."))
    return f"chat:{speaker_ref}:{client_id}"


def is_same_question(ticket: Ticket, now: datetime) -> bool:
    """Whether new words belong to this ticket still."""
    if ticket.status == Status.SOLVED:
        return ticket.solved_at is None or now - ticket.solved_at < SAME_QUESTION
    return ticket.status != Status.CLOSED


def customer_of(visitor: ChatVisitor) -> int:
    """Whose the chat is; every visitor is placed when they begin."""
    if visitor.contact.customer_id is None:
        raise Refused(_("Nobody knows whose visitor this is."))
    return visitor.contact.customer_id


def title_of(text: str, name: str) -> str:
    """A ticket's title out of the first words."""
    line = " ".join(text.split("\n", 1)[0].split())
    if not line:
        return _("Files of %(name)s") % {"name": name}
    return line if len(line) <= TITLE_CHARACTERS else line[: TITLE_CHARACTERS - 1].rstrip() + "…"


def promise_answer(widget: ChatWidget, ticket: Ticket, now: datetime) -> None:
    """What the window tells the visitor, "by then", is a clock that runs."""
    policy = Policy(widget.reply_within_s, hours_of_widget(widget, now), label=_("Chat answer"))
    clocks.start(kind=CHAT_REPLY, subject_ref=ticket.ref, customer_id=ticket.customer_id, policy=policy, at=now)


@transaction.atomic
def answer_chat(
    *,
    ticket: Ticket,
    author: User,
    client_id: str,
    body: str,
    seen_ref: str = "",
    attachments: Sequence[Attachment] = (),
    solves: bool = False,
    now: datetime,
) -> Message:
    """An agent's words, once however often they are sent; they claim the chat where nobody has it yet. The customer may
    write meanwhile, colleagues may not.

    `seen_ref` is the last message on the agent's page; `solves` calls the problem solved with these words. Raises
    Refused with the name of a colleague who has answered after it.
    """
    key = message_key(author.ref, client_id)
    row = locked_landing(ticket, None)
    seen = already_here(None, key)
    if seen is not None:
        return seen
    if seen_ref and has_been_answered(row, seen_ref, but_by=author):
        raise Refused(_("%(name)s was here first. Read what changed, then send again.") % {"name": last_hand(row)})
    if row.assignee_id is None:
        claim_ticket(ticket=row, user=author, now=now)  # who answers a chat has it
    message = say_in(
        row,
        author=author,
        body=body,
        way=Way.CHAT,
        provider_message_id=key,
        origin=ticket if ticket.pk != row.pk else None,
        attachments=attachments,
        now=now,
    )
    if solves:
        resolve_ticket(ticket=row, user=author, now=now)
    return message


def has_been_answered(ticket: Ticket, since_ref: str, *, but_by: User) -> bool:
    """Whether a colleague has answered after this message."""
    seen = Message.objects.filter(ticket=ticket, ref=since_ref).values("pk")
    later = Message.objects.filter(ticket=ticket, internal=False, side=Side.PROVIDER, pk__gt=seen)
    return later.exclude(author=but_by).exists()


@transaction.atomic
def read_chat(*, visitor: ChatVisitor, message: Message, by_staff: bool, now: datetime) -> None:
    """One side has had everything up to `message` before its eyes; the other side is shown it."""
    row = ChatVisitor.objects.select_for_update(no_key=True, of=("self",)).get(pk=visitor.pk)
    field = "staff_read_to" if by_staff else "read_to"
    before: int | None = getattr(row, f"{field}_id")
    if before is not None and before >= message.pk:
        return
    setattr(row, field, message)
    row.save(update_fields=[field])
    if by_staff:
        tell_visitor(row, {"kind": "read", "ref": message.ref})
    elif message.ticket is not None:
        tell_lookers(message.ticket, {"kind": "chat_read", "ref": message.ref}, now=now)
