"""What WeCom customer service lets us say: five messages in 48 hours after the customer's last words, told before."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftercare.desk.models import Identity, ServiceWindow, Ticket, Way
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Account, Channel

# developer.work.weixin.qq.com/document/path/94677
MOST = 5
OPEN_FOR = timedelta(hours=48)


@dataclass(frozen=True)
class Allowance:
    """How many messages may still be said, and until when; none where the customer has never written."""

    left: int
    until: datetime | None


def identity_of(ticket: Ticket | None) -> Identity | None:
    """The WeChat user who asks in a ticket over WeCom customer service."""
    if ticket is None or ticket.way != Way.CHAT or ticket.contact_id is None:
        return None
    known = Identity.objects.filter(contact=ticket.contact_id, account__channel=Channel.WECOM_KF)
    return known.select_related("account").order_by("pk").last()


@transaction.atomic
def heard(*, account: Account, external_id: str, at: datetime) -> None:
    """The customer wrote: all five may be said anew."""
    key = {"account": account, "external_id": external_id}
    row, is_new = ServiceWindow.objects.select_for_update().get_or_create(**key, defaults={"heard_at": at})
    if not is_new and at > row.heard_at:
        row.heard_at, row.sent = at, 0
        row.save(update_fields=["heard_at", "sent"])


def allowance(identity: Identity, now: datetime) -> Allowance:
    """What may still be said to this person."""
    row = ServiceWindow.objects.filter(account=identity.account, external_id=identity.external_id).first()
    if row is None or row.heard_at + OPEN_FOR <= now:
        return Allowance(0, row.heard_at + OPEN_FOR if row else None)
    return Allowance(max(MOST - row.sent, 0), row.heard_at + OPEN_FOR)


def spend(identity: Identity, count: int, *, now: datetime) -> None:
    """Count `count` messages that are about to go out. Raises Refused, before any is sent, when they are too many."""
    rows = ServiceWindow.objects.select_for_update()
    row = rows.filter(account=identity.account, external_id=identity.external_id).first()
    if row is None or row.heard_at + OPEN_FOR <= now:
        raise Refused(
            _(
                "WeCom lets us write within 48 hours of the customer's last words, and these are over. "
                "Call them, or wait until they write again."
            )
        )
    left = max(MOST - row.sent, 0)
    if count > left:
        raise Refused(sentence_of(left, count))
    row.sent += count
    row.save(update_fields=["sent"])


def sentence_of(left: int, count: int) -> str:
    """Why so many messages do not go."""
    if left == 0:
        return _(
            "All five messages that WeCom allows after the customer's last words are used. "
            "Write it as an internal note, or wait until they write again."
        )
    return ngettext(
        "These words are %(count)s messages for WeCom, and %(left)s is left until the customer writes again. "
        "Shorten them.",
        "These words are %(count)s messages for WeCom, and %(left)s are left until the customer writes again. "
        "Shorten them.",
        left,
    ) % {"count": count, "left": left}
