"""Telling people of the other side that there are words for them; outbox rows only, each in its reader's language."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from aftercare.accounts.access import GRANTS
from aftercare.accounts.models import Role, User
from aftercare.desk.mail import outgoing
from aftercare.desk.models import ChangeKind, Following, Message, Rating, Side, Ticket, Way
from aftercare.desk.presence import who_is_on
from aftercare.desk.queries import staff_in
from aftercare.desk.ratings import rating_path
from aftercare.notify import actions as notify
from aftercare.notify.models import Channel, ContactMethod

EXCERPT = 140
MAILED_ROLES = (Role.OWNER, Role.DEVELOPER)


def tell_of_opening(ticket: Ticket, message: Message, *, now: datetime) -> None:
    """A ticket was opened: by the system, then its customer hears of it; by a customer, then all who answer do."""
    people = customer_people(ticket) if message.side != Side.CUSTOMER else without_deaf(agents(), ticket)
    send_to(people.exclude(pk=message.author_id or 0), ticket, message, is_new=True, now=now)


def tell_of_message(ticket: Ticket, message: Message, *, now: datetime) -> None:
    """A message was posted: the other side's people hear of it; of an internal note, the colleagues in the ticket."""
    if message.internal:
        people = staff_who_hear(ticket)
    elif message.side == Side.CUSTOMER:
        people = staff_who_hear(ticket) if staff_in(ticket).exists() else staff_to_find(ticket, now)
    else:
        people = customer_people(ticket)
    send_to(people.exclude(pk=message.author_id or 0), ticket, message, is_new=False, now=now)


def tell_of_change(ticket: Ticket, message: Message, kind: ChangeKind, *, now: datetime) -> None:
    """Words of the customer's were edited or taken back: ours who hear of the ticket learn it, by a push alone."""
    name = message.speaker_name

    def words() -> tuple[str, str]:
        heading = (
            _("%(name)s edited a message in #%(number)s")
            if kind == ChangeKind.EDITED
            else _("%(name)s took back a message in #%(number)s")
        )
        return heading % {"name": name, "number": ticket.number}, message.body[:EXCERPT]

    push_to(staff_who_hear(ticket), ticket, words, kind="message", now=now)


def customer_people(ticket: Ticket) -> QuerySet[User]:
    """Everybody of the ticket's customer who can still sign in and has not stopped following it.

    Of a chat, line by line as it is, only whoever began it.
    """
    people = without_deaf(User.objects.filter(customer=ticket.customer, is_active=True), ticket)
    return people.filter(pk=ticket.opened_by_id or 0) if ticket.way == Way.CHAT else people


def without_deaf(people: QuerySet[User], ticket: Ticket) -> QuerySet[User]:
    """Those of `people` who have not said that they want to hear nothing of the ticket."""
    return people.exclude(pk__in=Following.objects.filter(ticket=ticket, follows=False).values("user"))


def following(ticket: Ticket) -> QuerySet[Following]:
    """Who said that they want to hear everything of the ticket."""
    return Following.objects.filter(ticket=ticket, follows=True)


def staff_who_hear(ticket: Ticket) -> QuerySet[User]:
    """The provider's people in the ticket, and those who follow it."""
    return ours_among(ticket, Q(pk__in=staff_in(ticket).values("pk")))


def staff_to_find(ticket: Ticket, now: datetime) -> QuerySet[User]:
    """Of a ticket that nobody is in: everybody who answers (of a chat those who are on, if any), and who follows it.

    Somebody who only follows does not keep the others from hearing: the customer waits for one who answers.
    """
    on = who_is_on(now) if ticket.way == Way.CHAT else User.objects.none()
    return ours_among(ticket, Q(pk__in=(on if on.exists() else agents()).values("pk")))


def holder_and_followers(ticket: Ticket) -> QuerySet[User]:
    """Who has the ticket, and the provider's people who follow it."""
    return ours_among(ticket, Q(pk=ticket.assignee_id))


def ours_among(ticket: Ticket, wanted: Q, *, with_followers: bool = True) -> QuerySet[User]:
    """The one rule of who of ours hears of a ticket: those `wanted` and those who follow it, without those who want to
    hear nothing of it."""
    if with_followers:
        wanted |= Q(pk__in=following(ticket).values("user"))
    return without_deaf(User.objects.filter(is_active=True, customer__isnull=True).filter(wanted), ticket)


def agents() -> QuerySet[User]:
    """The provider's people who answer tickets."""
    roles = [role for role, granted in GRANTS.items() if "reply_to_tickets" in granted]
    return User.objects.filter(customer__isnull=True, is_active=True, role__in=roles)


def send_to(people: QuerySet[User], ticket: Ticket, message: Message, *, is_new: bool, now: datetime) -> None:
    """One push for each person, and a mail to those who wish for mails and do not have these words from the ticket's
    mailbox already. Of a mailbox's past nobody is told.
    """
    if message.account is not None and message.account.quiet:
        return
    mail = mailboxes(people, ticket) if people else {}
    by_mailbox = outgoing.told_by_mail(ticket, message) if mail else set()
    answering = outgoing.reply_data(ticket) if mail and outgoing.goes_by_mail(message) else {}
    for user in people:
        with translation.override(user.language or ticket.customer.language):
            by_mail = None if user.pk in by_mailbox else mail.get(user.pk)
            send_one(user, by_mail, ticket, message, is_new=is_new, answering=answering, now=now)


def mailboxes(people: QuerySet[User], ticket: Ticket) -> dict[int, ContactMethod]:
    """Where those of `people` are mailed who wish it: the customer's by their role, everybody by following."""
    wishes = Q(user__role__in=MAILED_ROLES) | Q(user__in=following(ticket).values("user"))
    usable = ContactMethod.objects.filter(
        user__in=[person.pk for person in people], channel=Channel.EMAIL, enabled=True, verified=True
    )
    return {contact.user_id: contact for contact in usable.filter(wishes)}


def send_one(
    user: User,
    mail: ContactMethod | None,
    ticket: Ticket,
    message: Message,
    *,
    is_new: bool,
    answering: dict[str, Any],
    now: datetime,
) -> None:
    """The rows for one person, in the language that is active; `answering` lets the mail be replied to."""
    heading = _("New ticket #%(number)s: %(title)s") if is_new else _("New message in #%(number)s: %(title)s")
    title, text = heading % {"number": ticket.number, "title": ticket.display_title}, message.display_body
    about: dict[str, Any] = {"user": user, "kind": "message", "subject_ref": ticket.ref, "title": title, "now": now}
    path = f"/tickets/{ticket.ref}"
    data = {"ticket": ticket.ref, "message": message.pk, "internal": message.internal}
    notify.push(**about, body=text[:EXCERPT], url_path=path, data=data)
    if mail is not None:
        about |= {"channel": Channel.EMAIL, "address": mail.address, "contact": mail}
        notify.send(**about, body=text, url_path=path, data=data | answering)


def tell_of_solving(
    ticket: Ticket, rating: Rating, solver: User | None, closes_at: datetime | None, *, now: datetime
) -> None:
    """The customer's people hear that it is solved; a mail carries the link that rates it without signing in."""
    people = customer_people(ticket).exclude(pk=solver.pk if solver else 0)
    mail = mailboxes(people, ticket)
    for user in people:
        with translation.override(user.language or ticket.customer.language), timezone.override(user.timezone):
            title = _("#%(number)s is solved: %(title)s") % {"number": ticket.number, "title": ticket.display_title}
            body = solved_words(closes_at)
            about: dict[str, Any] = {
                "user": user,
                "kind": "message",
                "subject_ref": ticket.ref,
                "title": title,
                "now": now,
            }
            notify.push(**about, body=body[:EXCERPT], url_path=f"/tickets/{ticket.ref}")
            if user.pk in mail:
                asked = _("The link below asks three short questions about how it was solved.")
                path = rating_path(rating, user.ref)
                about |= {"channel": Channel.EMAIL, "address": mail[user.pk].address}
                notify.send(**about, body=f"{body}\n\n{asked}", url_path=path)


def solved_words(closes_at: datetime | None) -> str:
    """What follows from the solution for the customer."""
    if closes_at is None:
        return _("If it is not over, answer in the ticket and it opens again.")
    until = date_format(timezone.localtime(closes_at), "Y-m-d H:i")
    return _("If it is not over, answer in the ticket and it opens again. It closes by itself on %(until)s.") % {
        "until": until
    }


def push_to(
    people: Iterable[User],
    ticket: Ticket,
    words: Callable[[], tuple[str, str]],
    *,
    kind: str = "clock",
    now: datetime,
) -> None:
    """A push to each of our own people; `words` gives title and body in the language that is active."""
    for user in people:
        with translation.override(user.language or settings.LANGUAGE_CODE):
            title, body = words()
            notify.push(
                user=user,
                kind=kind,
                subject_ref=ticket.ref,
                title=title,
                body=body,
                url_path=f"/tickets/{ticket.ref}",
                data={"ticket": ticket.ref},
                now=now,
            )
