"""What is asked of a vendor after its words are shown: who spoke, and the bytes of files.

Each is a row of its own in what came in, so that it is tried again, outlives a crash, and holds up no words.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aftercare.desk.inward import take_in
from aftercare.desk.models import Attachment, Contact, Identity, Inbound
from aftercare.desk.vendors import files
from aftercare.notify.clients import chats
from aftercare.notify.models import Account, Channel
from aftercare.notify.queries import credentials_of

NAME = "name"
# Vendors whose events name people by their id alone, and those that hand files out.
NAMELESS = (Channel.FEISHU, Channel.SLACK)
WITH_FILES = (Channel.FEISHU, Channel.SLACK, Channel.TELEGRAM)


def ask_for_name(account: Account, *, chat_id: str, user_id: str, contact: Contact, now: datetime) -> None:
    """Have a nameless person's name looked up, once."""
    if account.channel in NAMELESS and contact.name == user_id[:120]:
        payload = {"chat": chat_id, "user": user_id}
        take_in(account=account, provider_message_id=f"{NAME}:{user_id}", kind=NAME, payload=payload, now=now)


def ask_for_file(row: Inbound, file: Attachment, source: Mapping[str, Any], now: datetime) -> None:
    """Have an announced file's bytes fetched."""
    payload = {"attachment": file.pk, "source": dict(source)}
    take_in(account=row.account, provider_message_id=f"file:{file.pk}", kind=files.FILE, payload=payload, now=now)


def run(row: Inbound, now: datetime) -> bool:
    """Do the errand, if this row is one; an error of the vendor's is raised, for the engine to try again."""
    if row.kind == NAME:
        look_up(row, now)
        return True
    if row.kind == files.FILE:
        account = credentials_of(row.account)
        channel, most = row.account.channel, files.MOST_BYTES
        files.fetch(row, lambda source: chats.file_of(channel, account, source, most_bytes=most, now=now))
        return True
    return False


def look_up(row: Inbound, now: datetime) -> None:
    """Give names to those who have only an id; a name that somebody typed stays."""
    user_id, chat_id = str(row.payload["user"]), str(row.payload["chat"])
    try:
        names = chats.names_in(
            row.account.channel, credentials_of(row.account), chat_id=chat_id, user_id=user_id, now=now
        )
    except chats.Withheld:
        return
    known = Identity.objects.filter(account=row.account, external_id__in=list(names)).select_related("contact")
    for identity in known:
        if identity.contact.name == identity.external_id[:120]:
            Contact.objects.filter(pk=identity.contact_id).update(name=names[identity.external_id][:120])
