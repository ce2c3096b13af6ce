"""Mails as people's programs write them, and a mailbox of ours to take them."""

from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from aftercare.desk.engine import process_due
from aftercare.desk.mail.intake import keep_mail
from aftercare.notify.models import Account, Channel
from tests.world import World

SUPPORT = "support@provider.example"


def mailbox(world: World, address: str = SUPPORT, **config: Any) -> Account:
    """A mailbox of the provider's."""
    told = {"address": address, **config}
    return Account.objects.create(channel=Channel.EMAIL, name="Support", config=told, created_at=world.now)


def letter(
    sender: str, subject: str = "推流失败", body: str = "房间 8831 推流失败。", *, to: str = SUPPORT, **headers: str
) -> EmailMessage:
    """One mail."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in ({"Message-ID": f"<{abs(hash((sender, subject, body)))}@client.example>"} | told).items():
        message[name] = value
    message.set_content(body)
    return message


def hear(world: World, account: Account, mail: EmailMessage | bytes, *, return_path: str | None = None) -> None:
    """Take the mail in and work on it, as the receiver and the engine do."""
    raw = mail if isinstance(mail, bytes) else mail.as_bytes()
    recipients = [] if isinstance(mail, bytes) else [str(mail["To"])]
    if return_path is None and not isinstance(mail, bytes):
        return_path = str(mail["From"])
    keep_mail(raw=raw, accounts=[account], return_path=return_path, recipients=recipients, now=world.now)
    process_due(world.now)


def dated(world: World) -> str:
    """The Date header of now."""
    return format_datetime(world.now)
