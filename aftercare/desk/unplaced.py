"""What came from chats that are no service group of ours yet: kept within bounds, worked on once the chat is placed."""

from datetime import datetime

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext_noop as _

from aftercare.desk.inward import CHANNEL
from aftercare.desk.models import Group, Inbound, InboundState, UnknownChat
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Account

# Anybody may add a bot to a chat of their own: what they can make us keep has an end.
CHATS_AT_MOST = 200
MESSAGES_AT_MOST = 2_000


class NoGroup(Exception):
    """Raised by a reader: the words are in order, but their chat is no group of ours."""

    def __init__(self, chat_id: str, name: str = "") -> None:
        super().__init__(chat_id)
        self.chat_id = chat_id
        self.name = name


def park(row: Inbound, missing: NoGroup, now: datetime) -> None:
    """Put a row aside under its chat. Raises Refused beyond what is kept; the caller saves the row."""
    lock(row.account_id)
    if Group.objects.filter(account_id=row.account_id, chat_id=missing.chat_id).exists():
        row.due_at = now  # it was placed while we looked: the row stays as it is and is read again
        return
    known = UnknownChat.objects.filter(account_id=row.account_id)
    chat = known.filter(chat_id=missing.chat_id).first()
    if chat is None:
        if known.count() >= CHATS_AT_MOST:
            raise Refused(_("Too many chats that nobody has placed wait already. Place them, or take the bot out."))
        chat = UnknownChat.objects.create(
            account_id=row.account_id,
            chat_id=missing.chat_id,
            name=missing.name[:120],
            first_seen_at=now,
            last_seen_at=now,
        )
    if chat.messages >= MESSAGES_AT_MOST:
        raise Refused(_("Too much of this chat waits already. Place it, or take the bot out."))
    UnknownChat.objects.filter(pk=chat.pk).update(
        messages=F("messages") + 1, last_seen_at=now, name=missing.name[:120] or chat.name
    )
    row.unknown_chat = chat
    row.state = InboundState.PARKED


def place(group: Group, *, now: datetime) -> int:
    """A group exists now: have what was parked of its chat worked on; returns how much that is."""
    lock(group.account_id)
    chat = UnknownChat.objects.filter(account_id=group.account_id, chat_id=group.chat_id).first()
    if chat is None:
        return 0
    parked = Inbound.objects.filter(unknown_chat=chat, state=InboundState.PARKED)
    released = parked.update(state=InboundState.PENDING, due_at=now)
    chat.delete()
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
    return released


def lock(account_id: int) -> None:
    """One at a time in an account: nothing is parked while a group is made for its chat."""
    Account.objects.select_for_update(no_key=True).get(pk=account_id)


def group_of(account: Account, chat_id: str, name: str = "") -> Group:
    """The service group with this chat. Raises NoGroup."""
    group = find_group(account, chat_id)
    if group is None:
        raise NoGroup(chat_id, name)
    return group


def find_group(account: Account, chat_id: object) -> Group | None:
    """The service group with this chat; None where it is none, and nothing of it may be kept."""
    if not isinstance(chat_id, str) or not chat_id:
        return None
    return Group.objects.select_related("account", "customer").filter(account=account, chat_id=chat_id[:200]).first()
