"""E-mail over the API: our mailboxes, customers' domains, and mails that belong nowhere yet."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status
from ninja.params.functions import Query

from aftercare.accounts.access import get_customer_for
from aftercare.desk.api.door import staff
from aftercare.desk.api.schemas import PersonOut, TicketOut
from aftercare.desk.mail import placing, settings
from aftercare.desk.mail.forms import MailboxForm
from aftercare.desk.mail.parsing import parse_mail
from aftercare.desk.models import AsideMail, MailDomain, Ticket
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Account, Channel
from aftercare.web.api import Page, page_of_rows, valid

router = Router(tags=["e-mail"])
MANAGE = "manage_accounts"


class MailboxIn(Schema):
    """A mailbox. An empty password leaves the kept one; passwords are never told."""

    name: str
    address: str
    aliases: list[str] = []
    enabled: bool = True
    acknowledge: bool = True
    imap_host: str = Field("", description="empty where mail is delivered to our own mail server")
    imap_port: int = 993
    imap_security: str = "tls"
    imap_user: str = ""
    imap_password: str = ""
    imap_folder: str = "INBOX"
    import_days: int = 30
    smtp_host: str = Field("", description="empty: the installation's own")
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""


class MailboxOut(Schema):
    """A mailbox with how it fares; `is_importing`: nothing goes out yet."""

    ref: str
    name: str
    enabled: bool
    is_importing: bool
    config: dict[str, Any]
    waiting: int
    refused: int
    last_test: str | None = Field(description="the state of the last test mail")


class MailboxTestOut(Schema):
    """What came of a trial: `sentence` of signing in where it is read, empty where it is not."""

    sentence: str
    is_good: bool


class DomainIn(Schema):
    """Every address of the domain is this customer's."""

    domain: str
    customer: str


class DomainOut(DomainIn):
    """A customer's domain."""

    @staticmethod
    def resolve_customer(domain: MailDomain) -> str:
        """The customer's ref."""
        return domain.customer.ref


class AsideOut(Schema):
    """A mail that opened no ticket by itself, and why."""

    ref: str
    reason: str
    state: str
    address: str
    name: str
    subject: str
    excerpt: str
    received_at: datetime
    ticket: str | None
    settled_by: PersonOut | None

    @staticmethod
    def resolve_ticket(aside: AsideMail) -> str | None:
        """The ref of the ticket that it became."""
        return aside.ticket.ref if aside.ticket else None


class AsidePage(Page):
    """Mails set aside, newest first."""

    mails: list[AsideOut]


class AsideDetail(AsideOut):
    """With its words."""

    body: str
    quoted: str
    files: list[str]


class PlaceIn(Schema):
    """Whose it is; `with_domain`: everybody of its domain from now on."""

    customer: str
    with_domain: bool = False


@router.get("/mailboxes", response=list[MailboxOut], summary="Mailboxes")
def mailboxes(request: HttpRequest) -> list[dict[str, Any]]:
    """Every mailbox."""
    staff(request, MANAGE)
    return [told(account) for account in Account.objects.filter(channel=Channel.EMAIL)]


@router.post("/mailboxes", response={201: MailboxOut}, summary="Add a mailbox")
def add_mailbox(request: HttpRequest, facts: MailboxIn) -> Status[dict[str, Any]]:
    """It imports its past first; nothing goes out until it is opened."""
    return Status(201, kept(request, None, facts))


@router.put("/mailboxes/{ref}", response=MailboxOut, summary="Change a mailbox")
def change_mailbox(request: HttpRequest, ref: str, facts: MailboxIn) -> dict[str, Any]:
    """Mail is read again within a few seconds."""
    staff(request, MANAGE)
    return kept(request, settings.get_mailbox(ref), facts)


@router.post("/mailboxes/{ref}/test", response=MailboxTestOut, summary="Try a mailbox")
def test_mailbox(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Sign in where it is read, and send a mail to the caller."""
    user = staff(request, MANAGE)
    account = settings.get_mailbox(ref)
    sentence, is_good = "", True
    try:
        if account.config.get("imap_host"):
            sentence = settings.try_mailbox(account=account)
    except Refused as refused:
        sentence, is_good = refused.sentence, False
    settings.send_test(account=account, actor=user, now=utc_now())
    return {"sentence": sentence, "is_good": is_good}


@router.post("/mailboxes/{ref}/opening", response=MailboxOut, summary="End a mailbox's import")
def open_mailbox(request: HttpRequest, ref: str) -> dict[str, Any]:
    """What it hears from now on is answered."""
    user = staff(request, MANAGE)
    settings.open_mailbox(account=settings.get_mailbox(ref), actor=user, now=utc_now())
    return told(settings.get_mailbox(ref))


@router.get("/mail-domains", response=list[DomainOut], summary="Customers' mail domains")
def domains(request: HttpRequest) -> list[MailDomain]:
    """Every domain that is a customer's."""
    staff(request, MANAGE)
    return list(MailDomain.objects.select_related("customer"))


@router.post("/mail-domains", response={201: DomainOut}, summary="Give a domain to a customer")
def add_domain(request: HttpRequest, facts: DomainIn) -> Status[MailDomain]:
    """Not one where anybody can have an address."""
    user = staff(request, MANAGE)
    customer = get_customer_for(user, facts.customer)
    domain = facts.domain
    return Status(201, placing.add_domain(customer=customer, domain=domain, actor=user, now=utc_now()))


@router.delete("/mail-domains/{domain}", response={204: None}, summary="Take a domain from its customer")
def remove_domain(request: HttpRequest, domain: str) -> Status[None]:
    """Contacts who wrote stay the customer's."""
    user = staff(request, MANAGE)
    found = get_object_or_404(MailDomain.objects.select_related("customer"), domain=domain)
    placing.remove_domain(domain=found, actor=user, now=utc_now())
    return Status(204, None)


@router.get("/mails", response=AsidePage, summary="Mails set aside")
def aside_mails(
    request: HttpRequest,
    reason: str = Query("people", description="people, stranger, denied, staff, auto, bulk, bounce; empty for all"),
    state: str = Query("waiting", description="waiting, placed, dropped, all"),
    cursor: str = "",
    limit: int = 50,
) -> dict[str, Any]:
    """What waits to be placed by a person."""
    staff(request)
    rows = placing.list_aside(reason=reason, state=state).select_related("ticket", "settled_by")
    found, following = page_of_rows(rows, cursor, limit)
    return {"mails": found, "next": following}


@router.get("/mails/{ref}", response=AsideDetail, summary="One mail set aside")
def aside_mail(request: HttpRequest, ref: str) -> AsideMail:
    """Its words, read again from its bytes."""
    staff(request)
    aside: AsideMail = get_object_or_404(AsideMail.objects.select_related("ticket", "settled_by", "inbound"), ref=ref)
    mail = parse_mail(bytes(aside.inbound.raw or b""))
    aside.body, aside.quoted = mail.body, mail.quoted  # type: ignore[attr-defined]
    aside.files = [file.name for file in mail.files]  # type: ignore[attr-defined]
    return aside


@router.post("/mails/{ref}/placing", response=TicketOut, summary="Place a mail with a customer")
def place(request: HttpRequest, ref: str, facts: PlaceIn) -> Ticket:
    """Its ticket opens, and its sender is this customer's from now on."""
    user = staff(request)
    aside = get_object_or_404(AsideMail, ref=ref)
    customer = get_customer_for(user, facts.customer)
    return placing.place_mail(aside=aside, customer=customer, with_domain=facts.with_domain, actor=user, now=utc_now())


@router.post("/mails/{ref}/dropping", response={204: None}, summary="Put a mail away")
def drop(request: HttpRequest, ref: str) -> Status[None]:
    """It stays readable."""
    user = staff(request)
    placing.drop_mail(aside=get_object_or_404(AsideMail, ref=ref), actor=user, now=utc_now())
    return Status(204, None)


def kept(request: HttpRequest, account: Account | None, facts: MailboxIn) -> dict[str, Any]:
    """The mailbox as the call says it."""
    user = staff(request, MANAGE)
    form = MailboxForm(facts.model_dump() | {"aliases": ", ".join(facts.aliases)})
    valid(form)
    return told(settings.save_mailbox(account=account, facts=form.facts(), actor=user, now=utc_now()))


def told(account: Account) -> dict[str, Any]:
    """A mailbox without its secrets."""
    fares = settings.how_it_fares(account)
    test: Any = fares.pop("test")
    return {
        "ref": account.ref,
        "name": account.name,
        "enabled": account.enabled,
        "is_importing": account.quiet,
        "config": account.config,
        "last_test": test.state if test else None,
        **fares,
    }
