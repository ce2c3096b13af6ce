"""Who speaks, and whether it was said before: what every way of posting shares."""

from collections.abc import Sequence
from typing import Any

from aftercare.accounts.models import User
from aftercare.desk.models import Attachment, Contact, Message, Side
from aftercare.notify.models import Account


def side_of(speaker: User | Contact | None) -> Side:
    """Whose words these are; None is the system. A contact whom we know as one of ours speaks for the provider."""
    if speaker is None:
        return Side.SYSTEM
    if isinstance(speaker, Contact):
        return Side.PROVIDER if speaker.is_ours else Side.CUSTOMER
    return Side.CUSTOMER if speaker.customer_id else Side.PROVIDER


def person_of(speaker: User | Contact | None) -> User | None:
    """The person who signs in behind the words, where we know one."""
    return speaker.user if isinstance(speaker, Contact) else speaker


def spoken_by(speaker: User | Contact | None) -> dict[str, Any]:
    """The columns of a message that tell its speaker."""
    return {"author": person_of(speaker), "contact": speaker if isinstance(speaker, Contact) else None}


def already_here(account: Account | None, provider_message_id: str | None) -> Message | None:
    """The message that this account's vendor sent before."""
    if provider_message_id is None:
        return None
    return Message.objects.filter(account=account, provider_message_id=provider_message_id).first()


def take_files(message: Message, attachments: Sequence[Attachment]) -> None:
    """Make these files the message's own; one that already belongs to a message stays there."""
    Attachment.objects.filter(pk__in=[file.pk for file in attachments], message=None).update(message=message)
