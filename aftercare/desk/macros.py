"""Saved replies: their words in the customer's language, with what is known of the ticket put in."""

import re

from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.desk.models import Macro, Ticket
from aftercare.kernel.errors import Refused

WORD = re.compile(r"\{([^{}\s]+)\}")
WORDS = ("customer", "number", "agent", "title", "contact", "app")


def macros_for(user: User) -> QuerySet[Macro]:
    """A person's own macros and everybody's; customers have none."""
    if user.customer_id is not None:
        return Macro.objects.none()
    return Macro.objects.filter(Q(owner=user) | Q(owner=None))


def refuse_unknown_words(text: str) -> None:
    """Raise Refused for a {word} that nothing is put in for: it would reach a customer as it stands."""
    for word in WORD.findall(text):
        if word not in WORDS:
            known = ", ".join(f"{{{name}}}" for name in WORDS)
            raise Refused(_("“{%(word)s}” stands for nothing. There are: %(known)s.") % {"word": word, "known": known})


def language_of(ticket: Ticket) -> str:
    """The language in which it is read: the group's it was asked in, else the asker's own, else the customer's."""
    if ticket.group is not None:
        return ticket.group.language
    asker = ticket.contact or ticket.opened_by
    return (asker.language if asker is not None else "") or ticket.customer.language


def words_of(macro: Macro, ticket: Ticket, agent: User) -> str:
    """The macro's words for this ticket; in the other language where it has only that."""
    language = language_of(ticket)
    text = (macro.body_zh or macro.body) if language.startswith("zh") else (macro.body or macro.body_zh)
    asker = ticket.contact or ticket.opened_by
    with translation.override(language):
        values = {
            "customer": str(ticket.customer),
            "number": str(ticket.number),
            "agent": agent.name,
            "title": ticket.display_title,
            "contact": asker.name if asker is not None else str(ticket.customer),
            "app": str(ticket.app or ""),
        }
    # One pass: what a customer calls itself is never read as a variable.
    return WORD.sub(lambda match: values.get(match[1], match[0]), text)
