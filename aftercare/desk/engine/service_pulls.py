"""Asking WeCom customer service by ourselves now and then: a callback that came while we were down comes no more."""

from datetime import datetime, timedelta

from django.db import transaction

from aftercare.desk.inward import take_in
from aftercare.desk.models import PullCursor
from aftercare.desk.vendors.wecom_kf import PULL
from aftercare.notify.models import Account, Channel

EVERY = timedelta(minutes=10)  # without a callback's token WeCom lets us ask less often


def ask_without_being_told(now: datetime) -> int:
    """Take in a row that pulls, for each account that is due; returns how many."""
    for account in Account.objects.filter(channel=Channel.WECOM_KF, enabled=True, pull__isnull=True):
        PullCursor.objects.get_or_create(account=account, defaults={"due_at": now})
    with transaction.atomic():
        due = PullCursor.objects.select_for_update(skip_locked=True, of=("self",)).select_related("account")
        cursors = list(due.filter(due_at__lte=now, account__channel=Channel.WECOM_KF, account__enabled=True)[:50])
        for cursor in cursors:
            named = f"{PULL}:{cursor.due_at.isoformat()}"
            take_in(account=cursor.account, provider_message_id=named, kind=PULL, now=now)
            cursor.due_at = now + EVERY
            cursor.save(update_fields=["due_at"])
    return len(cursors)
