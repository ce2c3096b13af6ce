"""Handing a message to every way out that it has: outbox rows only, in the transaction that posts it.

People who sign in are told by `notices`; this is for those who are not here: a group chat, a mailbox.
"""

from datetime import datetime

from django.utils import translation

from aftercare.desk.mail import outgoing
from aftercare.desk.models import Message
from aftercare.notify import actions as notify
from aftercare.notify.models import Urgency

KIND = "conversation"


def deliver(message: Message, *, now: datetime) -> None:
    """Write the outbox rows of one message. Internal notes never leave."""
    if message.internal:
        return
    to_group(message, now)
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
    with translation.override(group.language):
        body = message.display_body
    notify.send(
        user=None,
        account=group.account,
        channel=group.account.channel,
        address=group.chat_id,
        kind=KIND,
        subject_ref=message.ref,
        title=message.speaker_name,
        body=body,
        urgency=Urgency.URGENT,
        data={"group": group.ref, "speaker": message.speaker_name},
        now=now,
    )
