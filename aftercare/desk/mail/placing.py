"""What a person does with a mail that belonged nowhere: place it with a customer, or put it away."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.desk.mail.addresses import domain_of, is_public_domain
from aftercare.desk.mail.parsing import fingerprint, parse_mail
from aftercare.desk.mail.people import Writer, user_with
from aftercare.desk.mail.reading import opened_by_mail
from aftercare.desk.mail.threads import Place
from aftercare.desk.models import AsideMail, AsideReason, AsideState, HeardMail, InboundState, MailDomain, Ticket
from aftercare.kernel.errors import Refused


def list_aside(*, reason: str, state: str) -> QuerySet[AsideMail]:
    """Mails set aside, the newest first. `reason` may also be "people"; a word that is none narrows nothing."""
    mails = AsideMail.objects.select_related("ticket__customer", "inbound__account", "claimed")
    if state in AsideState.values:
        mails = mails.filter(state=state)
    if reason == "people":
        return mails.filter(reason__in=[AsideReason.STRANGER, AsideReason.NOT_ALLOWED, AsideReason.STAFF])
    return mails.filter(reason=reason) if reason in AsideReason.values else mails


@transaction.atomic
def place_mail(*, aside: AsideMail, customer: Customer, with_domain: bool, actor: User, now: datetime) -> Ticket:
    """Open the ticket that the mail asks for; from now on its sender is this customer's, on wish the whole domain.

    Raises Refused when somebody was first, or the sender is known as another's.
    """
    row = AsideMail.objects.select_for_update().select_related("inbound__account").get(pk=aside.pk)
    if row.state == AsideState.PLACED:
        raise Refused(_("A colleague has placed this mail already."))
    user = user_with(row.address)
    if user is not None and user.customer_id != customer.pk:
        raise Refused(_("This address belongs to somebody who signs in, and not for this customer."))
    mail = parse_mail(bytes(row.inbound.raw or b""))
    writer = Writer(row.address, row.name, user, customer.pk)
    claimed = row.claimed if row.claimed and row.claimed.customer_id == customer.pk else None
    ticket, message = opened_by_mail(row.inbound, mail, writer, customer.pk, Place(claimed=claimed), now)
    if with_domain:
        add_domain(customer=customer, domain=domain_of(row.address), actor=actor, now=now)
    HeardMail.objects.filter(fingerprint=fingerprint(bytes(row.inbound.raw or b""))).update(message=message)
    row.inbound.state, row.inbound.message = InboundState.DONE, message
    row.inbound.save(update_fields=["state", "message"])
    settle(row, AsideState.PLACED, actor, now, ticket)
    return ticket


@transaction.atomic
def drop_mail(*, aside: AsideMail, actor: User, now: datetime) -> None:
    """Put a mail away; it stays readable. Raises Refused when it was placed meanwhile."""
    row = AsideMail.objects.select_for_update().get(pk=aside.pk)
    if row.state == AsideState.PLACED:
        raise Refused(_("A colleague has placed this mail already."))
    settle(row, AsideState.DROPPED, actor, now, None)


def settle(row: AsideMail, state: AsideState, actor: User, now: datetime, ticket: Ticket | None) -> None:
    """Keep how it ended, with its audit row."""
    row.state, row.settled_by, row.settled_at, row.ticket = state, actor, now, ticket
    row.save(update_fields=["state", "settled_by", "settled_at", "ticket"])
    audit.record(
        actor=actor,
        action="mail.place" if ticket else "mail.drop",
        subject=row.ref,
        customer_id=ticket.customer_id if ticket else None,
        detail={"address": row.address, "subject": row.subject[:100]},
        now=now,
    )


@transaction.atomic
def add_domain(*, customer: Customer, domain: str, actor: User, now: datetime) -> MailDomain:
    """Let every address of a domain be this customer's. Raises Refused for a public provider's or another's domain."""
    domain = domain.strip().strip("@.").lower()
    if "." not in domain or len(domain) > 253 or not all(part.strip("-") for part in domain.split(".")):
        raise Refused(_("Write a domain such as example.com."))
    if is_public_domain(domain):
        raise Refused(
            _("Anybody can have an address at %(domain)s, so it says nothing of the customer.") % {"domain": domain}
        )
    known = MailDomain.objects.filter(domain=domain).first()
    if known is not None and known.customer_id != customer.pk:
        raise Refused(_("%(domain)s is another customer's already.") % {"domain": domain})
    found = known or MailDomain.objects.create(customer=customer, domain=domain, added_by=actor, added_at=now)
    if known is None:
        detail = {"domain": domain}
        audit.record(
            actor=actor, action="mail.domain", subject=customer.ref, customer_id=customer.pk, detail=detail, now=now
        )
    return found


@transaction.atomic
def remove_domain(*, domain: MailDomain, actor: User, now: datetime) -> None:
    """Let a domain be nobody's again; contacts who wrote stay the customer's."""
    audit.record(
        actor=actor,
        action="mail.domain_removed",
        subject=domain.customer.ref,
        customer_id=domain.customer_id,
        detail={"domain": domain.domain},
        now=now,
    )
    domain.delete()
