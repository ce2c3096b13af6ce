"""Handing a message to every way out that it has: outbox rows only, in the transaction that posts it.

People who sign in are told by `notices`; this is for those who are not here: a group chat, a mailbox.
"""

from datetime import datetime

from django.utils import translation

from aftercare.desk.actions import prepared, service_window
from aftercare.desk.mail import outgoing
from aftercare.desk.models import Group, Message, Side
from aftercare.notify import actions as notify
from aftercare.notify.models import CONVERSATION, Urgency
from aftercare.notify.queries import parts_of
from aftercare.notify.types import in_parts

SERVICE_TEXT_BYTES = 2048  # of one message of WeCom customer service


def deliver(message: Message, *, now: datetime) -> None:
    """Write the outbox rows of one message. Internal notes never leave."""
    if message.internal:
        return
    to_group(message, now)
    to_service(message, now)
    to_mailbox(message, now)


def to_mailbox(message: Message, now: datetime) -> None:
    """To those who take part in the ticket by mail."""
    outgoing.deliver(message, now=now)


def to_group(message: Message, now: datetime) -> None:
    """To the group's chat, unless the words came from there, the account is importing, or the group is not in use."""
    group = message.group
    if group is None or not group.enabled or group.account.quiet or not group.account.enabled:
        return
    if message.account_id == group.account_id and message.provider_message_id is not None:
        return
    if prepared.needs_a_hand(group):
        if message.side != Side.CUSTOMER:  # nobody of ours says a customer's words in their stead
            prepared.prepare(message, group, now=now)
        return
    # A chat's rows are numbered in the order of its words.
    Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    with translation.override(group.language):
        body = message.display_body
    data = {
        "group": group.ref,
        "speaker": message.speaker_name,
        "speaker_ref": speaker_ref(message),
        "language": group.language,
        "reply_to": asked_as(message),
    }
    for part in parts_of(group.account.channel, body):
        notify.send(
            user=None,
            account=group.account,
            channel=group.account.channel,
            address=group.chat_id,
            kind=CONVERSATION,
            subject_ref=message.ref,
            title=message.speaker_name,
            body=part,
            urgency=Urgency.URGENT,
            data=data,
            now=now,
        )


def to_service(message: Message, now: datetime) -> None:
    """To the WeChat user who asks over WeCom customer service, while WeCom lets us.

    Raises Refused, before anything is kept, for a colleague's words that WeCom would refuse. The system's words, which
    nobody waits for, take no message that a colleague may need.
    """
    ticket = message.ticket
    identity = service_window.identity_of(ticket)
    if (
        ticket is None
        or identity is None
        or message.side == Side.CUSTOMER
        or not identity.account.enabled
        or identity.account.quiet
    ):
        return
    if message.account_id == identity.account_id and message.provider_message_id is not None:
        return
    with translation.override(ticket.customer.language):
        body = message.display_body
    count = len(in_parts(body, SERVICE_TEXT_BYTES))
    if message.side == Side.SYSTEM and service_window.allowance(identity, now).left <= count:
        return
    service_window.spend(identity, count, now=now)
    notify.send(
        user=None,
        account=identity.account,
        channel=identity.account.channel,
        address=identity.external_id,
        kind=CONVERSATION,
        subject_ref=message.ref,
        title=message.speaker_name,
        body=body,
        urgency=Urgency.URGENT,
        data={"ticket": ticket.ref, "speaker": message.speaker_name},
        now=now,
    )


def speaker_ref(message: Message) -> str:
    """By what a vendor that has a user for each speaker may know this one; empty for the system."""
    speaker = message.author or message.contact
    return speaker.ref if speaker else ""


def asked_as(message: Message) -> str:
    """The vendor's id of the customer's last words in the ticket, which these answer; empty outside a ticket."""
    if message.ticket_id is None or message.group is None:
        return ""
    asked = Message.objects.filter(ticket=message.ticket_id, group=message.group, side=Side.CUSTOMER)
    known = asked.filter(provider_message_id__isnull=False, account=message.group.account)
    return known.order_by("created_at", "pk").values_list("provider_message_id", flat=True).last() or ""
