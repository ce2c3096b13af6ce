"""What people may ask for by a command in a service group; answered there, in the group's language."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.desk.actions.emergency import raise_emergency
from aftercare.desk.actions.group_tickets import open_from_message
from aftercare.desk.actions.groups import post_in_group
from aftercare.desk.actions.speaking import person_of
from aftercare.desk.models import Contact, Emergency, Group, Message, Side, Way
from aftercare.kernel.errors import Refused


@dataclass(frozen=True)
class GroupCommand:
    """Somebody asks in a group for a ticket, for the green channel, or what can be asked for.

    `message`, which is kept already, is the message that was reacted to, or that carries the command; `words` are what
    stands behind the command, and `about` is the message to which a command replies.
    """

    verb: Literal["ticket", "green", "help"]
    words: str
    group: Group
    by: Contact | User
    message: Message
    by_reaction: bool = False
    about: Message | None = None


@transaction.atomic
def handle(*, command: GroupCommand, now: datetime) -> Message | None:
    """Do what was asked; returns what was answered in the group, in the group's language.

    A vendor that tells twice makes one ticket and one emergency. Nothing happens, and None is returned, for a group or
    an account that is not in use, or while the account imports: yesterday's emergency must wake nobody.
    """
    group = command.group
    if not group.enabled or not group.account.enabled or group.account.quiet:
        return None
    with translation.override(group.language):
        if command.verb == "green":
            said = called(command, now)
        elif command.verb == "ticket":
            said = ticketed(command, now)
        else:
            said = help_words()
    return post_in_group(group=group, speaker=None, body=said, now=now)


def called(command: GroupCommand, now: datetime) -> str:
    """The green channel: the war room's first words are the group's message."""
    message = command.message
    emergency = raise_emergency(
        customer=command.group.customer,
        app=None,
        sentence=message.body if command.by_reaction else command.words,
        caller=command.by,
        way=Way.GROUP,
        token=f"message {message.ref}",
        group=command.group,
        first=message,
        now=now,
    )
    number, url = emergency.ticket.number, f"{settings.BASE_URL}/green/{emergency.ticket.ref}"
    if is_new(emergency, now):
        return _("Emergency #%(number)s is open. Who is woken and who has it: %(url)s") % {"number": number, "url": url}
    return _("This joins your emergency #%(number)s, which is still open: %(url)s") % {"number": number, "url": url}


def is_new(emergency: Emergency, now: datetime) -> bool:
    """Whether this very call opened it."""
    return emergency.opened_at == now


def ticketed(command: GroupCommand, now: datetime) -> str:
    """The message that was reacted or replied to; else the command's own words, or the customer's last before it."""
    title = "" if command.by_reaction else command.words.strip()
    question = command.about
    if question is None:
        is_about_itself = command.by_reaction or title
        question = command.message if is_about_itself else newest_question(command.group, command.message)
    try:
        ticket = open_from_message(
            group=command.group, message=question, actor=person_of(command.by), title=title, now=now
        )
    except Refused as refused:
        return refused.sentence
    url = f"{settings.BASE_URL}/tickets/{ticket.ref}"
    said = _("Ticket #%(number)s: “%(title)s”. Answers come here as well. %(url)s")
    return said % {"number": ticket.number, "title": ticket.display_title, "url": url}


def newest_question(group: Group, command: Message) -> Message:
    """The customer's last words before the command, the command itself where there are none."""
    before = Message.objects.filter(group=group, side=Side.CUSTOMER, pk__lt=command.pk).order_by("-created_at", "-pk")
    return before.first() or command


def help_words() -> str:
    """What can be asked for here."""
    return _(
        "/ticket makes a ticket of your last message, or of the words behind it.\n"
        "/green wakes the engineer on call at once: one sentence is enough.\n"
        "Everything else is read by your experts; their answer comes here."
    )
