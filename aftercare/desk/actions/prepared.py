"""Words for a group that takes no bot: prepared here, sent by hand from the vendor's sidebar, seen in the archive."""

import unicodedata
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk.models import Group, Message, PreparedReply, PreparedState, Side
from aftercare.kernel.errors import Refused
from aftercare.notify import actions as notify
from aftercare.notify.models import Account, Channel

OPEN = (PreparedState.PREPARED, PreparedState.OPENED)
GIVEN_UP_AFTER = timedelta(hours=24)
SKEW = timedelta(minutes=2)  # the vendor's clock may be behind ours


def needs_a_hand(group: Group) -> bool:
    """Whether words for this group go by a colleague's hand."""
    return group.account.channel == Channel.WECOM_CUSTOMER


def is_only_prepared(message: Message, group: Group) -> bool:
    """Whether the group has not heard these words yet: they answer nobody until it has."""
    return message.side != Side.CUSTOMER and message.provider_message_id is None and needs_a_hand(group)


def prepare(message: Message, group: Group, *, now: datetime) -> PreparedReply:
    """Put a message into the sidebar of its group; in the transaction that posts it."""
    return PreparedReply.objects.create(message=message, group=group, due_at=now + GIVEN_UP_AFTER, created_at=now)


def words_of(prepared: PreparedReply) -> str:
    """What is handed to the vendor's app: the group's language."""
    with translation.override(prepared.group.language):
        return prepared.message.display_body


@transaction.atomic
def open_prepared(*, prepared: PreparedReply, user: User, now: datetime) -> PreparedReply:
    """A colleague pressed send in the sidebar. Raises Refused when it was sent already, or given up."""
    row = PreparedReply.objects.select_for_update().select_related("message", "group__account").get(pk=prepared.pk)
    if row.state == PreparedState.SEEN:
        raise Refused(_("This reply stands in the group already."))
    if row.state == PreparedState.EXPIRED:
        raise Refused(_("This reply was given up. Write it again."))
    row.state, row.opened_by, row.opened_at = PreparedState.OPENED, user, now
    row.save(update_fields=["state", "opened_by", "opened_at"])
    group, detail = row.group, {"prepared": row.ref, "message": row.message_id}
    audit.record(
        actor=user, action="group.hand_over", subject=group.ref, customer_id=group.customer_id, detail=detail, now=now
    )
    return row


def seen_in_group(
    *, group: Group, account: Account, provider_message_id: str, text: str, said_at: datetime
) -> Message | None:
    """The prepared reply that these words of a colleague's in the group are, now said; None where they are new words.

    The oldest open one with the same words, prepared before they were said. The caller tells the group's clock.
    """
    waiting = PreparedReply.objects.select_for_update(of=("self",)).select_related("message", "group")
    for row in waiting.filter(group=group, state__in=OPEN, created_at__lte=said_at + SKEW).order_by("pk"):
        if same_words(words_of(row), text):
            row.state, row.seen_at = PreparedState.SEEN, said_at
            row.save(update_fields=["state", "seen_at"])
            message = row.message
            message.account, message.provider_message_id = account, provider_message_id
            message.created_at = max(said_at, message.created_at)
            message.save(update_fields=["account", "provider_message_id", "created_at"])
            return message
    return None


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same, however an app broke their lines and spaced them."""
    return squeezed(one) == squeezed(other)


def squeezed(text: str) -> str:
    """The text without what apps change: spaces, line ends, forms of the same letter."""
    return "".join(unicodedata.normalize("NFC", text).split())


def give_up_unsent(now: datetime) -> int:
    """Give up replies that nobody sent, and tell who wrote them; returns how many."""
    given_up = 0
    with transaction.atomic():
        late = PreparedReply.objects.select_for_update(skip_locked=True, of=("self",))
        for row in late.select_related("message__author", "group").filter(state__in=OPEN, due_at__lte=now)[:100]:
            row.state = PreparedState.EXPIRED
            row.save(update_fields=["state"])
            given_up += 1
            author = row.message.author
            if author is not None and author.is_active and author.customer_id is None:
                tell_unsent(row, author, now)
    return given_up


def tell_unsent(row: PreparedReply, author: User, now: datetime) -> None:
    """A push to whoever wrote it."""
    ticket = row.message.ticket
    with translation.override(author.language or "zh-hans"):
        title = _("Your reply never reached the group %(group)s") % {"group": row.group}
        body = _("Nobody sent it from the WeCom sidebar within a day. Write it again if it still matters.")
    notify.push(
        user=author,
        kind="group.unsent",
        subject_ref=row.group.ref,
        title=title,
        body=body,
        url_path=f"/tickets/{ticket.ref}" if ticket else "",
        now=now,
    )
