"""Keeping a mail as it came, for every mailbox of ours that it came to."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from aftercare.desk.inward import take_in
from aftercare.desk.mail.charsets import storable
from aftercare.desk.mail.parsing import fingerprint, message_id_of
from aftercare.notify.models import Account

LARGEST = 36 * 1024 * 1024  # bytes: a file of 25 MB, in base64, with its mail


@transaction.atomic
def keep_mail(
    *, raw: bytes, accounts: Iterable[Account], return_path: str | None, recipients: Iterable[str], now: datetime
) -> int:
    """Keep a mail's bytes, once per mailbox; returns how many had it not yet. Kept when the transaction commits.

    `return_path` is the envelope's sender, None where it is not known (IMAP).
    """
    name = f"{message_id_of(raw)[:160]}#{fingerprint(raw)}"
    payload = {
        "return_path": None if return_path is None else storable(return_path),
        "recipients": [storable(one) for one in recipients][:50],
    }
    return sum(
        take_in(account=a, provider_message_id=name, kind="mail", payload=payload, raw=raw, now=now) for a in accounts
    )
