"""Keeping the rooms and programs that a step can speak to."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.kernel.errors import Refused
from aftercare.notify import actions as notify
from aftercare.notify.envelope import WEBHOOK_SECRET, sealed
from aftercare.notify.models import Account, Channel, Delivery
from aftercare.oncall.actions.schedules import keep_record
from aftercare.oncall.models import EscalationPolicy, Room

ROOMS_AT_MOST = 100
TRIAL_KIND = "room.test"
USE = "oncall"
# Chats with groups in which an account of the provider's can speak.
CHATS = (Channel.FEISHU, Channel.DINGTALK, Channel.WECOM, Channel.SLACK, Channel.TELEGRAM)


@transaction.atomic
def add_room(
    *, name: str, account: Account | None, address: str, language: str = "", actor: User, now: datetime
) -> tuple[Room, str]:
    """A group of a chat, by the account that speaks there and the vendor's id of the group; or, without an account, a
    program's webhook. Returns it with the secret that a webhook is signed with, which is shown once; empty for a chat.

    Raises Refused for a name that is missing or taken, an account that speaks in no groups, and an address that leads
    nowhere or into a private network.
    """
    name, address = (" ".join(text.replace("\x00", "").split()) for text in (name, address))
    if not name or len(name) > 80:
        raise Refused(_("Give the room a name of at most 80 characters."))
    if Room.objects.filter(name=name).exists():
        raise Refused(_("There is a room called “%(name)s” already.") % {"name": name})
    if Room.objects.count() >= ROOMS_AT_MOST:
        raise Refused(_("There are %(n)s rooms already; remove one first.") % {"n": ROOMS_AT_MOST})
    if not 1 <= len(address) <= 500:
        raise Refused(_("Say where it is: the vendor's id of the group, or a web address."))
    secret = ""
    if account is None:
        account, secret = webhook_account(name, notify.checked_webhook(address), now)
    elif account.channel not in CHATS:
        raise Refused(_("This account speaks in no groups."))
    spoken = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    room = Room.objects.create(name=name, account=account, address=address, language=spoken, created_at=now)
    keep_record("room.add", room.ref, actor, now, name=name, channel=account.channel, address=address)
    return room, secret


def webhook_account(name: str, address: str, now: datetime) -> tuple[Account, str]:
    """What a webhook is sent by, with its secret sealed in it; and the secret."""
    secret = notify.new_webhook_secret()
    account = Account.objects.create(
        channel=Channel.WEBHOOK,
        name=name,
        config={"use": USE, "url": address},
        secrets=sealed({WEBHOOK_SECRET: secret}),
        created_at=now,
    )
    return account, secret


@transaction.atomic
def remove_room(*, room: Room, actor: User, now: datetime) -> None:
    """Forget a room; running pages pass it in silence. Raises Refused while a policy has it as a step."""
    for policy in EscalationPolicy.objects.all():
        if any(step["ref"] == room.ref for step in policy.steps):
            raise Refused(_("“%(policy)s” speaks there: take the step away first.") % {"policy": policy.name})
    keep_record("room.remove", room.ref, actor, now, name=room.name)
    account = room.account
    room.delete()
    if account.channel == Channel.WEBHOOK:  # it is this room's alone; what was sent by it keeps pointing to it
        account.enabled, account.secrets = False, ""
        account.save(update_fields=["enabled", "secrets"])


@transaction.atomic
def try_room(*, room: Room, actor: User, now: datetime) -> Delivery:
    """Say there, now, that this is a test. Raises Refused where its account is switched off."""
    if not room.account.enabled:
        raise Refused(_("The account that speaks there is switched off."))
    keep_record("room.try", room.ref, actor, now, name=room.name)
    return notify.send(
        user=None,
        account=room.account,
        channel=room.account.channel,
        address=room.address,
        kind=TRIAL_KIND,
        subject_ref=room.ref,
        title=_("Test message from Aftercare"),
        body=_("Pages that come past this step will speak here."),
        data={"language": room.language},
        now=now,
    )
