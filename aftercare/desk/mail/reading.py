"""Working on one mail that came in: words in the ticket it is part of, a new ticket, or a place aside for a person."""

import io
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.models import Customer, User
from aftercare.desk.actions.locking import BODY_LIMIT
from aftercare.desk.actions.opening import open_ticket
from aftercare.desk.actions.talking import reply
from aftercare.desk.files import keep_file
from aftercare.desk.mail import bounces, outgoing
from aftercare.desk.mail.addresses import plain, without_tag
from aftercare.desk.mail.automatic import Kind, kind_of, wants_no_answer
from aftercare.desk.mail.mailboxes import all_addresses, list_mailboxes
from aftercare.desk.mail.parsing import File, Mail, Note, fingerprint, parse_mail
from aftercare.desk.mail.people import Writer, belongs_to, contact_for, writer_of
from aftercare.desk.mail.threads import Place, place_of, title_of
from aftercare.desk.mail.tokens import named_by
from aftercare.desk.models import (
    AsideMail,
    AsideReason,
    AsideState,
    Attachment,
    BouncedAddress,
    Contact,
    HeardMail,
    Inbound,
    MailParty,
    Message,
    Severity,
    Side,
    Ticket,
    Way,
)
from aftercare.notify import actions as notify
from aftercare.notify.queries import answered_at

MOST_PARTIES = 50
NOTES = {
    Note.BOMB: gettext_noop(
        "This mail is nested too deep or has too many parts. It was not taken apart; all of it is in the file mail.eml."
    ),
    Note.TNEF: gettext_noop(
        "Outlook put what it sent into winmail.dat. The file is kept; ask the sender to write as HTML or plain text."
    ),
    Note.LONG: gettext_noop("The mail was longer than a message may be. The rest is in the file message.txt."),
    Note.FILES: gettext_noop("The mail had more than 100 files. The first 100 are here; the whole mail is kept."),
    Note.RECIPIENTS: gettext_noop("The mail went to more than 100 people. None of them was added to this ticket."),
}


def read_mail(row: Inbound, now: datetime) -> Message | None:
    """The reader of the channel e-mail (`inward.Reader`)."""
    raw = bytes(row.raw or b"")
    mail = parse_mail(raw)
    heard, is_new = HeardMail.objects.get_or_create(
        fingerprint=fingerprint(raw), defaults={"identifier": mail.message_id, "heard_at": now}
    )
    if not is_new:  # the same mail in another of our mailboxes
        return heard.message
    message = sorted_in(row, mail, now)
    if message is not None:
        HeardMail.objects.filter(pk=heard.pk).update(message=message)
        if row.account.quiet and mail.sent_at is not None:
            date_back(message, min(mail.sent_at, now))
    return message


def sorted_in(row: Inbound, mail: Mail, now: datetime) -> Message | None:
    """What becomes of a mail that was not heard before."""
    path = row.payload.get("return_path")
    kind = kind_of(mail, return_path=path)
    if kind is Kind.BOUNCE:
        known = bounces.take_back(mail, now)
        return put_aside(row, mail, AsideReason.BOUNCE, state=AsideState.PLACED if known else AsideState.WAITING)
    if named_by(mail.message_id)[0] or mail.sender.address in all_addresses(list_mailboxes()):  # our own, come round
        return put_aside(row, mail, AsideReason.AUTOMATIC, state=AsideState.DROPPED)
    if kind is Kind.PERSON and answers_a_message(row, mail, now):
        return None
    writer = writer_of(mail.sender.address, mail.sender.name)
    place = place_of(mail, writer, row.payload.get("recipients", []))
    if kind is Kind.REPLY:
        if place.ticket is None:
            return put_aside(row, mail, AsideReason.AUTOMATIC)
        words = _("Automatic answer from %(address)s:") % {"address": writer.address}
        return tell_staff(place.ticket, f"{words}\n\n{mail.body}"[:BODY_LIMIT], "", now)
    if kind is Kind.PERSON:
        BouncedAddress.objects.filter(address=writer.address).delete()
    if place.ticket is not None:
        return said_in(place.ticket, row, mail, writer, now)
    if kind is Kind.BULK:
        return put_aside(row, mail, AsideReason.BULK)
    if writer.problem is not None or writer.customer_id is None:
        return put_aside(row, mail, writer.problem or AsideReason.STRANGER, claimed=place.claimed)
    ticket, message = opened_by_mail(row, mail, writer, writer.customer_id, place, now)
    if kind is Kind.PERSON and not wants_no_answer(mail):
        outgoing.acknowledge(ticket, writer.address, now=now)
    return message


def answers_a_message(row: Inbound, mail: Mail, now: datetime) -> bool:
    """Whether somebody of ours answers a page by mail; then their answer was taken."""
    told = [*row.payload.get("recipients", []), *(recipient.address for recipient in mail.recipients)]
    for tag in dict.fromkeys(without_tag(plain(one))[1] for one in told):
        message = answered_at(tag)
        if message is not None:
            return notify.answer_by_mail(delivery=message, sender=plain(mail.sender.address), text=mail.body, now=now)
    return False


def said_in(ticket: Ticket, row: Inbound, mail: Mail, writer: Writer, now: datetime) -> Message:
    """The mail's words in the ticket it is part of."""
    speaker = speaker_of(writer, row, ticket.customer_id if writer.customer_id else None, now)
    body, files = words_and_files(mail, speaker, now)
    message = reply(
        ticket=ticket,
        author=speaker,
        body=body,
        quoted=mail.quoted,
        way=Way.EMAIL,
        account=row.account,
        provider_message_id=row.provider_message_id,
        attachments=files,
        now=now,
    )
    tell_notes(ticket, mail, now)
    add_parties(ticket, mail, writer, now)
    return message


def opened_by_mail(
    row: Inbound, mail: Mail, writer: Writer, customer_id: int, place: Place, now: datetime
) -> tuple[Ticket, Message]:
    """A new ticket of this customer's, with the mail as its first message."""
    speaker = speaker_of(writer, row, customer_id, now)
    body, files = words_and_files(mail, speaker, now)
    ticket = open_ticket(
        customer_id=customer_id,
        app_id=None,
        title=title_of(mail.subject) or untitled(customer_id),
        severity=Severity.P3,
        body=body,
        quoted=mail.quoted,
        opened_by=speaker,
        way=Way.EMAIL,
        account=row.account,
        provider_message_id=row.provider_message_id,
        attachments=files,
        now=now,
    )
    if place.claimed is not None:
        Ticket.objects.filter(pk=ticket.pk).update(claimed_related=place.claimed)
    tell_notes(ticket, mail, now)
    add_parties(ticket, mail, writer, now)
    return ticket, Message.objects.get(account=row.account, provider_message_id=row.provider_message_id)


def untitled(customer_id: int) -> str:
    """A title where the subject is empty, in the customer's language."""
    with translation.override(Customer.objects.get(pk=customer_id).language):
        return _("Mail without a subject")


def speaker_of(writer: Writer, row: Inbound, customer_id: int | None, now: datetime) -> User | Contact:
    """Who speaks: the person who signs in, else the contact."""
    return writer.user or contact_for(writer, account=row.account, customer_id=customer_id, now=now)


def words_and_files(mail: Mail, speaker: User | Contact, now: datetime) -> tuple[str, list[Attachment]]:
    """The message's text, never empty and never too long, and its files, kept."""
    body, files = mail.body, list(mail.files)
    if len(body) > BODY_LIMIT:
        mail.notes.add(Note.LONG)
        files.append(File("message.txt", body.encode()))
        body = body[: BODY_LIMIT - 1] + "…"
    who = {"uploaded_by": speaker} if isinstance(speaker, User) else {"contact": speaker}
    kept = [keep_file(name=file.name, stream=io.BytesIO(file.data), now=now, **who) for file in files]
    return body.strip() or mail.subject.strip() or "—", kept


def add_parties(ticket: Ticket, mail: Mail, writer: Writer, now: datetime) -> None:
    """Who takes part from now on: whoever wrote, and those they sent a copy to who are the same customer's people."""
    if writer.customer_id != ticket.customer_id:
        return
    told = [(writer.address, writer.name)]
    if Note.RECIPIENTS not in mail.notes:
        ours = all_addresses(list_mailboxes())
        told += [(r.address, r.name) for r in mail.recipients if r.address not in ours][:MOST_PARTIES]
    room = MOST_PARTIES - MailParty.objects.filter(ticket=ticket).count()
    colleagues = [(address, name) for address, name in told if belongs_to(address, ticket.customer_id)][: max(room, 0)]
    MailParty.objects.bulk_create(
        [MailParty(ticket=ticket, address=address, name=name, added_at=now) for address, name in colleagues],
        ignore_conflicts=True,
    )


def tell_notes(ticket: Ticket, mail: Mail, now: datetime) -> None:
    """Tell staff what the words alone do not."""
    for note in sorted(mail.notes, key=lambda one: one.value):
        with translation.override("en"):
            english = _(NOTES[note])
        with translation.override("zh-hans"):
            tell_staff(ticket, english, _(NOTES[note]), now)


def tell_staff(ticket: Ticket, body: str, body_zh: str, now: datetime) -> Message:
    """The system's own words, for the provider's people only; nobody is woken by them."""
    return Message.objects.create(
        ticket=ticket, side=Side.SYSTEM, way=Way.SYSTEM, internal=True, body=body, body_zh=body_zh, created_at=now
    )


def date_back(message: Message, at: datetime) -> None:
    """An imported mail stands where it was said, and its ticket with it."""
    Message.objects.filter(pk=message.pk).update(created_at=at)
    ticket = message.ticket
    if ticket is not None and not ticket.messages.filter(created_at__lt=at).exists():
        Ticket.objects.filter(pk=ticket.pk).update(created_at=at, waiting_since=at)


def put_aside(
    row: Inbound,
    mail: Mail,
    reason: AsideReason,
    *,
    state: AsideState = AsideState.WAITING,
    claimed: Ticket | None = None,
) -> Message | None:
    """Keep a mail that opens nothing by itself where a person finds it; its sender hears nothing."""
    AsideMail.objects.get_or_create(
        inbound=row,
        defaults={
            "reason": reason,
            "state": state,
            "address": mail.sender.address,
            "name": mail.sender.name,
            "subject": mail.subject,
            "excerpt": mail.body[:1000],
            "claimed": claimed,
            "received_at": row.received_at,
        },
    )
    return None
