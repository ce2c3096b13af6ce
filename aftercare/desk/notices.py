"""Telling people of the other side that there are words for them; outbox rows only, each in its reader's language."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.accounts.access import GRANTS
from aftercare.accounts.models import Role, User
from aftercare.desk.models import Message, Side, Ticket, Way
from aftercare.desk.presence import who_is_on
from aftercare.desk.queries import staff_in
from aftercare.notify import actions as notify
from aftercare.notify.models import Channel, ContactMethod

EXCERPT = 140
MAILED_ROLES = (Role.OWNER, Role.DEVELOPER)


def tell_of_opening(ticket: Ticket, message: Message, *, now: datetime) -> None:
    """A ticket was opened: by the system, then its customer hears of it; by a customer, then all who answer do."""
    people = customer_people(ticket) if message.side != Side.CUSTOMER else agents()
    send_to(people.exclude(pk=message.author_id or 0), ticket, message, is_new=True, now=now)


def tell_of_message(ticket: Ticket, message: Message, *, now: datetime) -> None:
    """A message was posted: the other side's people hear of it; of an internal note, the colleagues in the ticket."""
    if message.internal:
        people = staff_in(ticket)
    elif message.side == Side.CUSTOMER:
        people = staff_in(ticket) if staff_in(ticket).exists() else agents()
        if ticket.way == Way.CHAT and not staff_in(ticket).exists() and who_is_on(now).exists():
            people = who_is_on(now)
    else:
        people = customer_people(ticket)
    send_to(people.exclude(pk=message.author_id or 0), ticket, message, is_new=False, now=now)


def customer_people(ticket: Ticket) -> QuerySet[User]:
    """Everybody of the ticket's customer who can still sign in; of a chat, line by line as it is, whoever began it."""
    people = User.objects.filter(customer=ticket.customer, is_active=True)
    return people.filter(pk=ticket.opened_by_id or 0) if ticket.way == Way.CHAT else people


def agents() -> QuerySet[User]:
    """The provider's people who answer tickets."""
    roles = [role for role, granted in GRANTS.items() if "reply_to_tickets" in granted]
    return User.objects.filter(customer__isnull=True, is_active=True, role__in=roles)


def send_to(people: QuerySet[User], ticket: Ticket, message: Message, *, is_new: bool, now: datetime) -> None:
    """One push for each person, and a mail to those of the customer who wish for mails."""
    mail: dict[int, ContactMethod] = {
        contact.user_id: contact
        for contact in ContactMethod.objects.filter(
            user__in=people, user__role__in=MAILED_ROLES, channel=Channel.EMAIL, enabled=True, verified=True
        )
    }
    for user in people:
        with translation.override(user.language or ticket.customer.language):
            send_one(user, mail.get(user.pk), ticket, message, is_new=is_new, now=now)


def send_one(
    user: User, mail: ContactMethod | None, ticket: Ticket, message: Message, *, is_new: bool, now: datetime
) -> None:
    """The rows for one person, in the language that is active."""
    title = ticket.display_title
    heading = _("New ticket #%(number)s: %(title)s") if is_new else _("New message in #%(number)s: %(title)s")
    text = message.display_body
    for channel, address in ((Channel.PUSH, ""), (Channel.EMAIL, mail.address if mail else "")):
        if channel == Channel.EMAIL and not address:
            continue
        notify.send(
            user=user,
            channel=channel.value,
            address=address,
            kind="message",
            subject_ref=ticket.ref,
            title=heading % {"number": ticket.number, "title": title},
            body=text if channel == Channel.EMAIL else text[:EXCERPT],
            url_path=f"/tickets/{ticket.ref}",
            urgency="routine",
            data={"ticket": ticket.ref, "message": message.pk, "internal": message.internal},
            now=now,
        )
