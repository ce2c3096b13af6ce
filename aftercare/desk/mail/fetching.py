"""Taking what is new in a mailbox, with a cursor that moves in the transaction that keeps the mail."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from aftercare.desk.mail.imap import Mailbox, Place
from aftercare.desk.mail.intake import keep_mail
from aftercare.desk.models import Inbound, InboundState, MailFolder
from aftercare.notify.models import Account
from aftercare.notify.queries import credentials_of

IMPORT_DAYS = 30
TOO_LARGE = "A mail of this mailbox is too large to be kept; it stays there, UID %s."


def place_of(account: Account) -> Place:
    """Where this account is read. Raises InvalidToken where its password was sealed by another installation."""
    told = credentials_of(account)
    config = told.config
    return Place(
        host=str(config.get("imap_host", "")),
        port=int(config.get("imap_port") or 993),
        security=str(config.get("imap_security", "tls")),
        user=str(config.get("imap_user", "")),
        password=told.secrets.get("imap_password", ""),
        folder=str(config.get("imap_folder") or "INBOX"),
    )


def fetch_new(
    account: Account,
    mailbox: Mailbox,
    *,
    clock: Callable[[], datetime],
    is_stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Keep every mail above the cursor; returns how many. While the past is imported, newer ones wait for its end."""
    folder = folder_of(account, mailbox, clock())
    account.refresh_from_db(fields=["quiet"])
    last = folder.import_until_uid if account.quiet else None
    kept = 0
    for uid in mailbox.after(folder.seen_uid):
        if is_stopping() or (last is not None and uid > last):
            break
        raw = mailbox.fetch(uid)
        with transaction.atomic():
            if raw is not None:
                keep_mail(raw=raw, accounts=[account], return_path=None, recipients=[], now=clock())
            MailFolder.objects.filter(pk=folder.pk, seen_uid__lt=uid).update(seen_uid=uid)
        if raw is None:
            Account.objects.filter(pk=account.pk).update(last_error=TOO_LARGE % uid)
        kept += raw is not None
    return kept


def folder_of(account: Account, mailbox: Mailbox, now: datetime) -> MailFolder:
    """The folder's cursor; a first connection begins the import, with everything outbound off.

    Where the server gave all mails new numbers (UIDVALIDITY), the last days are read again: what is here is known.
    """
    folder, is_new = MailFolder.objects.get_or_create(account=account, defaults={"connected_at": now})
    if folder.uid_validity == mailbox.uid_validity:
        return folder
    days = int(account.config.get("import_days", IMPORT_DAYS))
    newest = mailbox.newest_uid()
    wanted = mailbox.since((now - timedelta(days=days)).date()) if days else []
    begin = min(wanted, default=newest + 1) - 1
    with transaction.atomic():
        is_first = is_new or folder.uid_validity is None
        folder.uid_validity, folder.seen_uid = mailbox.uid_validity, begin
        folder.import_until_uid = newest
        folder.save()
        if is_first and begin < newest:
            Account.objects.filter(pk=account.pk).update(quiet=True)
    return folder


def end_imports(_now: datetime) -> int:
    """Open mailboxes whose past has been read and worked on; returns how many."""
    ended = 0
    for account in Account.objects.filter(channel="email", quiet=True, mail_folder__isnull=False).select_related(
        "mail_folder"
    ):
        folder = account.mail_folder
        is_read = folder.import_until_uid is not None and folder.seen_uid >= folder.import_until_uid
        if is_read and not Inbound.objects.filter(account=account, state=InboundState.PENDING).exists():
            ended += Account.objects.filter(pk=account.pk, quiet=True).update(quiet=False)
    return ended
