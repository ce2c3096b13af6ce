"""Reading WeCom customer service: a callback says that there is something, `sync_msg` says what.

A conversation there is a ticket whose way in is chat, asked by a contact known by `external_userid`: it has one asker,
begins and ends, and needs an answer; a group's room would have none of these.
Source: developer.work.weixin.qq.com/document/path/94670 (receiving).
"""

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer
from aftercare.desk.actions import contact_of, open_ticket, reply
from aftercare.desk.actions.linking import colleague_behind
from aftercare.desk.actions.service_window import heard
from aftercare.desk.actions.speaking import already_here
from aftercare.desk.inward import take_in
from aftercare.desk.models import Contact, Identity, Inbound, Message, PullCursor, Severity, Side, Status, Ticket, Way
from aftercare.desk.vendors import files
from aftercare.desk.vendors.moments import OLDEST, moment
from aftercare.desk.vendors.wecom_customer import FILES, text_of_part
from aftercare.desk.vendors.wecom_names import NAMES, read_names, wish_name
from aftercare.kernel.errors import Refused
from aftercare.notify.clients.wecom import WecomError, ask, download
from aftercare.notify.envelope import credentials_of

PULL = "pull"
CUSTOMER, EVENT, COLLEAGUE = 3, 4, 5  # `origin`
WRONG_TOKEN = 95007
TITLE = 60
FAILURES = {
    "4": "the conversation is older than 48 hours",
    "5": "the conversation was closed",
    "6": "more than five messages",
    "8": "the customer refuses messages",
}

Said = dict[str, Any]


def read(row: Inbound, now: datetime) -> Message | None:
    """What a row became: a callback brings further rows, a message words in a ticket."""
    credentials = credentials_of(row.account)
    if row.kind == files.FILE:
        files.fetch(row, lambda source: download(credentials, str(source["media_id"]), most_bytes=files.MOST_BYTES))
        return None
    if row.kind == NAMES:
        read_names(row)
        return None
    if row.kind == PULL:
        pull(row, now)
        return None
    said = row.payload
    if said.get("msgtype") == "event":
        return read_event(row, said, now)
    known = already_here(row.account, row.provider_message_id)
    if known is not None:
        return known
    if said.get("origin") == COLLEAGUE:
        return read_colleague(row, said, now)
    if said.get("origin") != CUSTOMER:
        return None
    customer = customer_of(row)
    with translation.override(customer.language if customer else None):
        return read_customer(row, said, customer, now)


def pull(row: Inbound, now: datetime) -> None:
    """Take in the next page; where there are more, another row asks for them."""
    account = row.account
    credentials = credentials_of(account)
    cursor, _is_new = PullCursor.objects.select_for_update().get_or_create(account=account, defaults={"due_at": now})
    asked = {"cursor": cursor.position, "limit": 1000, "open_kfid": credentials.config["open_kfid"]}
    try:
        said = ask(credentials, "kf/sync_msg", asked | {"token": row.payload.get("token", "")})
    except WecomError as error:
        if error.errcode != WRONG_TOKEN:
            raise
        said = ask(
            credentials, "kf/sync_msg", asked
        )  # a callback's token lasts ten minutes; without it we may ask less often
    for message in said.get("msg_list") or []:
        if isinstance(message, dict) and isinstance(message.get("msgid"), str):
            take_in(account=account, provider_message_id=message["msgid"][:150], payload=message, now=now)
    cursor.position, cursor.pulled_at = str(said.get("next_cursor") or cursor.position)[:500], now
    cursor.save(update_fields=["position", "pulled_at"])
    if said.get("has_more"):
        more = {"token": row.payload.get("token", "")}
        take_in(
            account=account, provider_message_id=f"{PULL}:{cursor.position}"[:200], kind=PULL, payload=more, now=now
        )


def read_customer(row: Inbound, said: Said, customer: Customer | None, now: datetime) -> Message:
    """The customer's words: into their open conversation, or a new one; sentences in the customer's language."""
    person = said.get("external_userid")
    if not isinstance(person, str) or not person:
        raise Refused(_("The message names no sender."))
    at = moment(said.get("send_time"), now, oldest=OLDEST)
    contact = contact_of(
        account=row.account,
        external_id=person[:200],
        name=_("WeChat user"),
        customer_id=customer.pk if customer else None,
        now=now,
    )
    if contact.name == _("WeChat user"):
        wish_name(row, contact, person[:200], now=now)
    heard(account=row.account, external_id=person[:200], at=at)
    kind = str(said.get("msgtype"))
    part = said.get(kind)
    part = part if isinstance(part, dict) else {}
    told: dict[str, Any] = {"account": row.account, "provider_message_id": row.provider_message_id, "now": now}
    message = say(contact, text_of_part(kind, part), told)
    if kind in FILES and isinstance(part.get("media_id"), str):
        name = part.get("filename") or f"{kind}{FILES[kind]}"
        files.announce(row, message, source={"media_id": part["media_id"]}, name=name, size=None, now=now)
    return message


def say(contact: Contact, text: str, told: dict[str, Any]) -> Message:
    """Keep the words in the contact's newest conversation that is not closed, else in a new one."""
    ticket = conversation_of(contact)
    if ticket is not None:
        return reply(ticket=ticket, author=contact, body=text, way=Way.CHAT, **told)
    if contact.customer_id is None:
        raise Refused(_("Nobody has said which customer this customer service account is for. Say it on the account."))
    first_line = text.partition("\n")[0]
    opened = open_ticket(
        customer_id=contact.customer_id,
        app_id=None,
        title=first_line if len(first_line) <= TITLE else first_line[: TITLE - 1] + "…",
        severity=Severity.P3,
        body=text,
        opened_by=contact,
        way=Way.CHAT,
        **told,
    )
    return opened.messages.order_by("pk").get(provider_message_id=told["provider_message_id"])


def conversation_of(contact: Contact) -> Ticket | None:
    """The contact's newest conversation that may be spoken in."""
    return Ticket.objects.filter(contact=contact, way=Way.CHAT).exclude(status=Status.CLOSED).order_by("-pk").first()


def customer_of(row: Inbound) -> Customer | None:
    """Whose service account this is, as its settings say."""
    ref = row.account.config.get("customer")
    return Customer.objects.filter(ref=ref).first() if ref else None


def contact_behind(row: Inbound, person: object) -> Contact | None:
    """The contact that this person is."""
    known = Identity.objects.filter(account=row.account, external_id=str(person)[:200]).select_related("contact")
    identity = known.first()
    return identity.contact if identity else None


def read_colleague(row: Inbound, said: Said, now: datetime) -> Message | None:
    """A colleague answered in WeCom itself."""
    contact = contact_behind(row, said.get("external_userid"))
    ticket = conversation_of(contact) if contact else None
    if ticket is None:
        return None
    user = colleague_behind(row.account, str(said.get("servicer_userid")))
    if user is None:
        raise Refused(_("A colleague answered in WeCom whom nobody has linked with a person here."))
    kind = str(said.get("msgtype"))
    part = said.get(kind)
    return reply(
        ticket=ticket,
        author=user,
        body=text_of_part(kind, part if isinstance(part, dict) else {}),
        way=Way.CHAT,
        account=row.account,
        provider_message_id=row.provider_message_id,
        now=now,
    )


def read_event(row: Inbound, said: Said, now: datetime) -> Message | None:
    """Of events only one matters: WeCom could not hand our words over, which colleagues must see."""
    event = said.get("event")
    if not isinstance(event, dict) or event.get("event_type") != "msg_send_fail":
        return None
    contact = contact_behind(row, event.get("external_userid"))
    ticket = conversation_of(contact) if contact else None
    if ticket is None:
        return None
    kind = str(event.get("fail_type"))[:20]
    reason = FAILURES.get(kind, f"fail_type {kind}")
    note, is_new = Message.objects.get_or_create(
        account=row.account,
        provider_message_id=row.provider_message_id,
        defaults={
            "ticket": ticket,
            "side": Side.SYSTEM,
            "way": Way.SYSTEM,
            "internal": True,
            "body": f"WeCom did not deliver our last message to the customer: {reason}.",
            "body_zh": f"企业微信未能把我们的上一条消息送达客户（{reason}）。",
            "created_at": now,
        },
    )
    return note if is_new else None
