"""Answering with what follows from it: a macro carried out, a ticket solved with the same press."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from aftercare.accounts.models import User
from aftercare.desk.actions.handling import claim_ticket, resolve_ticket, set_severity
from aftercare.desk.actions.sorting import tag_ticket
from aftercare.desk.actions.speaking import already_here
from aftercare.desk.actions.talking import reply
from aftercare.desk.macros import words_of
from aftercare.desk.models import Attachment, Macro, Message, Ticket, Way

WORK, SOLVE = "work", "solve"


@transaction.atomic
def answer_ticket(
    *,
    ticket: Ticket,
    author: User,
    body: str,
    internal: bool = False,
    version: int | None = None,
    attachments: Sequence[Attachment] = (),
    then: str = "",
    macro: Macro | None = None,
    way: str = Way.PORTAL,
    provider_message_id: str | None = None,
    now: datetime,
) -> Message:
    """A person's words, and what they pressed with them, all or nothing. Raises Refused as `reply` does.

    Words that were here already, by `provider_message_id`, do nothing again. `then` is "work" (we go on, the promises
    run on) or "solve"; `macro` is the one whose words these are. Both are the provider's, and neither is done with an
    internal note.
    """
    is_new = already_here(None, provider_message_id) is None
    acts = author.is_provider and not internal and is_new
    message = reply(
        ticket=ticket,
        author=author,
        body=body,
        internal=internal,
        version=version,
        attachments=attachments,
        keeps_working=then == WORK,
        way=way,
        provider_message_id=provider_message_id,
        now=now,
    )
    if then == SOLVE and acts:
        resolve_ticket(ticket=ticket, user=author, now=now)
    if macro is not None and acts:
        apply_macro(macro=macro, ticket=ticket, user=author, says=False, now=now)
    return message


@transaction.atomic
def apply_macro(*, macro: Macro, ticket: Ticket, user: User, says: bool = True, now: datetime) -> None:
    """Do all that the macro does, or nothing; `says` False when its words were sent already."""
    if says and (macro.body or macro.body_zh):
        reply(ticket=ticket, author=user, body=words_of(macro, ticket, user), now=now)
    if macro.does.get("assign") == "me":
        claim_ticket(ticket=ticket, user=user, now=now)
    if macro.does.get("severity"):
        set_severity(ticket=ticket, severity=macro.does["severity"], user=user, now=now)
    if macro.does.get("tags"):
        names = [*ticket.tags.values_list("name", flat=True), *macro.does["tags"]]
        tag_ticket(ticket=ticket, names=names, actor=user, now=now)
    if macro.does.get("status") == "solved":
        resolve_ticket(ticket=ticket, user=user, now=now)
