"""Asking somebody who does not sign in how it was solved: where they asked, a mail or their group, once a solving."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from aftercare.desk import life, notices, outward
from aftercare.desk.actions import service_window
from aftercare.desk.chat.away import mailed_at
from aftercare.desk.chat.live import visitor_of
from aftercare.desk.events import MessagePosted
from aftercare.desk.mail import outgoing
from aftercare.desk.models import Contact, Message, Rating, Side, Ticket, Way
from aftercare.desk.ratings import rating_path
from aftercare.kernel.events import publish
from aftercare.web.languages import in_both

RATING = "mail.rating"


def ask_contact(ticket: Ticket, rating: Rating, *, now: datetime) -> None:
    """The solution's words and the signed link to whoever asked; people who sign in are told by `notices`."""
    contact = ticket.contact
    if contact is None or contact.user_id is not None:
        return
    if ticket.group is not None or service_window.identity_of(ticket) is not None:
        ask_in_chat(ticket, rating, contact, now)
        return
    account, address = outgoing.mailbox_of(ticket), address_of(ticket, contact)
    if account is None or not address:
        return
    language = contact.language or ticket.customer.language
    with translation.override(language), timezone.override(ticket.customer.timezone):
        body = words(ticket, rating, contact)
        more = {"speaker": account.name, "is_automatic": True}
        outgoing.post(ticket, account, address, kind=RATING, subject_ref=rating.ref, body=body, more=more, now=now)


def ask_in_chat(ticket: Ticket, rating: Rating, contact: Contact, now: datetime) -> None:
    """The same as the system's words in the group or the vendor's chat that it was asked in."""
    with timezone.override(ticket.customer.timezone):
        body, body_zh = in_both(lambda: words(ticket, rating, contact))
    message = Message.objects.create(
        ticket=ticket,
        group_id=ticket.group_id,
        side=Side.SYSTEM,
        way=Way.SYSTEM,
        body=body,
        body_zh=body_zh,
        created_at=now,
    )
    outward.deliver(message, now=now)
    publish(MessagePosted(message_id=message.pk, ticket_id=ticket.pk, at=now))


def address_of(ticket: Ticket, contact: Contact) -> str:
    """Where the asker is mailed; empty where they cannot be."""
    visitor = visitor_of(ticket)
    if visitor is not None:
        return mailed_at(visitor, ticket)
    return contact.email if contact.email in outgoing.readers_of(ticket) else ""


def words(ticket: Ticket, rating: Rating, contact: Contact) -> str:
    """What is said, in the language that is active."""
    told = _("#%(number)s is solved: %(title)s") % {"number": ticket.number, "title": ticket.display_title}
    asked = _("The link below asks three short questions about how it was solved.")
    link = settings.BASE_URL + rating_path(rating, contact.ref)
    return f"{told}\n{notices.solved_words(life.closing_at(ticket))}\n\n{asked}\n{link}"
