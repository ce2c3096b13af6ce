"""The address that replies to a mail go to: it names the message and is signed, so that only its reader knows it."""

import base64
import re

from django.conf import settings

from aftercare.kernel.signing import keyed_hash
from aftercare.notify.answers import can_be_answered
from aftercare.notify.models import Account, Channel, Delivery

TAG = re.compile(r"a-([0-9a-z]{12})-([a-z2-7]{26})")
LONGEST_NAME = 64  # RFC 5321 section 4.5.3.1.1


def tag_of(ref: str) -> str:
    """What stands behind the plus of the address; small letters alone, since gateways write addresses so."""
    digest = keyed_hash(settings.SECRET_KEY.encode(), f"mail answer\n{ref}")
    return f"a-{ref}-{base64.b32encode(digest).decode().rstrip('=').lower()}"


def reply_address(delivery: Delivery) -> str:
    """Where a reply to this mail answers it; empty for what wants no answer, or where no mailbox of ours hears one."""
    if delivery.channel != Channel.EMAIL or delivery.account_id is not None or not can_be_answered(delivery.data):
        return ""
    mailbox = Account.objects.filter(channel=Channel.EMAIL, enabled=True).order_by("pk").first()
    name, at, domain = str(mailbox.config.get("address", "") if mailbox else "").rpartition("@")
    tagged = f"{name}+{tag_of(delivery.ref)}"
    return f"{tagged}{at}{domain}" if name and len(tagged) <= LONGEST_NAME else ""


def answered_at(tag: str) -> Delivery | None:
    """The message whose address has this behind its plus; None for a tag that we never made."""
    told = TAG.fullmatch(tag.lower())
    if told is None or tag_of(told[1]) != tag.lower():
        return None
    return Delivery.objects.filter(ref=told[1], channel=Channel.EMAIL).select_related("user__customer").first()
