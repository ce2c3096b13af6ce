"""Handing a message to every way out that it has: outbox rows only, in the transaction that posts it.

People who sign in are told by `notices`; this is for those who are not here: a group chat, a mailbox.
"""

from datetime import datetime

from django.utils import translation

from aftercare.desk.models import Group, Message
from aftercare.notify import actions as notify
from aftercare.notify.models import CONVERSATION, Urgency
from aftercare.notify.queries import parts_of

KIND = CONVERSATION


def deliver(message: Message, *, now: datetime) -> None:
    """Write the outbox rows of one message. Internal notes never leave."""
    if message.internal:
        return
    to_group(message, now)


def to_group(message: Message, now: datetime) -> None:
    """To the group's chat, unless the words came from there, the account is importing, or the group is not in use."""
    group = message.group
    if group is None or not group.enabled or group.account.quiet or not group.account.enabled:
        return
    if message.account_id == group.account_id and message.provider_message_id is not None:
        return
    Group.objects.select_for_update(no_key=True).get(
        pk=group.pk
    )  # a chat's rows are numbered in the order of its words
    with translation.override(group.language):
        body = message.display_body
    data = {
        "group": group.ref,
        "speaker": message.speaker_name,
        "language": group.language,
        "reply_to": question_of(message),
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


def question_of(message: Message) -> str:
    """The vendor's id of the message that the ticket began with, so that an answer stands under its question."""
    if message.ticket_id is None or message.group is None:
        return ""
    said = Message.objects.filter(ticket_id=message.ticket_id, group=message.group)
    asked = said.filter(account_id=message.group.account_id, provider_message_id__isnull=False)
    return asked.order_by("created_at", "pk").values_list("provider_message_id", flat=True).first() or ""
