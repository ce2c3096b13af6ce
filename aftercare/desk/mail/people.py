"""Who a mail is from, and which customer's: by person, by contact, by the customer's own domain."""

from dataclasses import dataclass
from datetime import datetime

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.desk.actions.contacts import contact_of
from aftercare.desk.mail.addresses import domain_of
from aftercare.desk.models import AsideReason, Contact, Identity, MailDomain, MailParty, Ticket
from aftercare.notify.models import Account, Channel, ContactMethod


@dataclass(frozen=True)
class Writer:
    """Whoever an address belongs to. `problem` says why their mail opens no ticket by itself."""

    address: str
    name: str
    user: User | None = None
    customer_id: int | None = None
    problem: AsideReason | None = None


def writer_of(address: str, name: str) -> Writer:
    """Who writes from this address. A From line can be forged: it lets nobody read, and speaks for no colleague."""
    user = user_with(address)
    if user is not None and user.customer_id is None:
        return Writer(address, name, problem=AsideReason.STAFF)
    if user is not None:
        problem = None if can(user, "open_tickets") else AsideReason.NOT_ALLOWED
        return Writer(address, user.name, user, user.customer_id, problem)
    customer_id = customer_of(address)
    return Writer(address, name, None, customer_id, None if customer_id else AsideReason.STRANGER)


def user_with(address: str) -> User | None:
    """The person who signs in with this address, or has proved that it is theirs."""
    user = User.objects.filter(email=address).first()
    if user is not None or not address:
        return user
    proved = ContactMethod.objects.filter(channel=Channel.EMAIL, address=address, verified=True)
    people = {method.user for method in proved.select_related("user")[:2]}
    return people.pop() if len(people) == 1 else None


def customer_of(address: str) -> int | None:
    """The customer of a contact with this address, else the one whose domain it is."""
    if not address:
        return None
    known = Contact.objects.filter(email=address, customer__isnull=False).order_by("pk").first()
    if known is not None:
        return known.customer_id
    domain = MailDomain.objects.filter(domain=domain_of(address)).first()
    return domain.customer_id if domain else None


def belongs_to(address: str, customer_id: int) -> bool:
    """Whether this address is one of the customer's people's."""
    user = user_with(address)
    return (user.customer_id if user else customer_of(address)) == customer_id and (user is None or user.is_active)


def contact_for(writer: Writer, *, account: Account, customer_id: int | None, now: datetime) -> Contact:
    """The contact of somebody who does not sign in, the same one in every mailbox."""
    same = Contact.objects.filter(email=writer.address, user=None)
    same = same.filter(customer=None) if customer_id is None else same.filter(customer_id=customer_id)
    known = same.order_by("pk").first()
    if known is None or Identity.objects.filter(account=account, external_id=writer.address).exists():
        return contact_of(
            account=account,
            external_id=writer.address,
            name=writer.name or writer.address,
            email=writer.address,
            customer_id=customer_id,
            now=now,
        )
    Identity.objects.create(account=account, external_id=writer.address, contact=known)
    return known


def takes_part(ticket: Ticket, writer: Writer) -> bool:
    """Whether the writer is one of this ticket's people."""
    if writer.user is not None:
        return writer.user.customer_id == ticket.customer_id and writer.problem is None
    if ticket.contact is not None and ticket.contact.email == writer.address:
        return True
    return MailParty.objects.filter(ticket=ticket, address=writer.address).exists()
